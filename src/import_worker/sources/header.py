"""The header record, and single records where columns would be too much."""

import csv
import io

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.dialect import Dialect

MAX_COLUMNS = 2_000
MAX_RECORD_BYTES = 16 * 1024 * 1024


def parse_record(text: str, dialect: Dialect) -> list[str]:
    """One record's cells by Dialect's reading. ``text`` is one whole record, with or without its newline."""
    csv.field_size_limit(MAX_RECORD_BYTES)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
    )
    return next(reader, [])


def read_header(record: bytes, dialect: Dialect) -> tuple[str, ...]:
    """The header's cells as written. Raises JobFailed ``header_missing``, ``unreadable_file``, ``limit_exceeded``."""
    try:
        text = record.decode("utf-8")
    except UnicodeDecodeError:
        raise JobFailed(
            FailureReason.UNREADABLE_FILE,
            "The header is not valid UTF-8; save the file as CSV in UTF-8 and upload that.",
        ) from None
    if "\0" in text:
        raise JobFailed(FailureReason.UNREADABLE_FILE, "The header holds a NUL character; save the file as CSV again.")
    cells = tuple(parse_record(text, dialect))
    if len(cells) > MAX_COLUMNS:
        raise JobFailed(
            FailureReason.LIMIT_EXCEEDED,
            f"The file has {len(cells):,} columns, more than the {MAX_COLUMNS:,} allowed; split it.",
        )
    if not any(cell.strip() for cell in cells):
        raise JobFailed(
            FailureReason.HEADER_MISSING,
            "The header has no names in it; put the column names in the first row, or name the header_row.",
        )
    return cells
