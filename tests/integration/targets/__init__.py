"""What every target does alike, run against each implementation on a real PostgreSQL."""
