"""One attempt at one job: planned, imported chunk by chunk, finished once, reported, and taken out again."""
