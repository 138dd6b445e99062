"""The Solstice import worker: millions of rows from an object store into PostgreSQL, each exactly once."""

__version__ = "0.1.0"
