"""Source files: detecting their format, finding their records, and reading their cells as columns."""
