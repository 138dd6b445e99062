"""What only a laptop needs: an embedded PostgreSQL, a tenant of its own, and a generated sample."""
