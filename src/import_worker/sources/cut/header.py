"""Parses the header, and single records for which reading whole columns would cost too much."""

import csv
import io
from collections.abc import Sequence

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.limits import MAX_COLUMNS, MAX_RECORD_BYTES


def parse_record(text: str, dialect: Dialect) -> list[str]:
    """One record's cells, split as ``dialect`` says. ``text`` is one whole record, with or without its newline."""
    csv.field_size_limit(MAX_RECORD_BYTES)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar="\\" if dialect.backslash else None,
        skipinitialspace=dialect.spaced,
    )
    return next(reader, [])


def count_named(header: Sequence[str], dialect: Dialect) -> int:
    """How many of the header's cells count. All rows of a sheet are padded to one width, so its header may end in empty
    cells that are not in the sheet."""
    named = len(header)
    while dialect.lines == "records" and not header[named - 1].strip():
        named -= 1
    return named


def read_header(record: str, dialect: Dialect) -> tuple[str, ...]:
    """The header's cells as written. Raises JobFailed ``header_missing``, ``unreadable_file``, ``limit_exceeded``."""
    if "\0" in record or (not record.isprintable() and any("\udc80" <= character <= "\udcff" for character in record)):
        raise JobFailed(
            FailureReason.UNREADABLE_FILE,
            "The header holds a NUL character or bytes that its encoding does not allow; name the right encoding, or"
            " save the file again.",
        )
    cells = tuple(parse_record(record, dialect))
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
