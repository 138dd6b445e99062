"""What a file may ask for (contract section 6). Each limit has its own message where it is looked at."""

MAX_FILE_BYTES = 1 << 40
MAX_RECORD_BYTES = 16 << 20
MAX_COLUMNS = 2_000
MAX_RATIO = 200
"""Times the compressed size; real tables reach 5 to 30."""
RATIO_FREE_BYTES = 100 << 20
"""So much may come out whatever the ratio: a short sheet of blanks packs well, too."""
