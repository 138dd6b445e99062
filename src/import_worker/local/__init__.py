"""What only a laptop needs: an embedded PostgreSQL, a local tenant, and a generated sample."""
