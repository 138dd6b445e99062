"""Limits on what a file may contain (contract section 6). Each limit's message is in the code that checks the limit."""

MAX_FILE_BYTES = 1 << 40
MAX_RECORD_BYTES = 16 << 20
MAX_COLUMNS = 2_000
MAX_RATIO = 200
"""How many times its compressed size a file may decompress to; real tables reach 5 to 30."""
RATIO_FREE_BYTES = 100 << 20
"""Up to this size any ratio is allowed: a short sheet of blanks also compresses well."""
