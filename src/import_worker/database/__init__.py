"""PostgreSQL: connections, the schemas, and every statement the worker runs."""
