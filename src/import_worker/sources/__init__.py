"""Source files: what they are, where their records lie, and their cells as columns."""
