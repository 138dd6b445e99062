"""``rejected.csv``: rejected records as the source has them, each with two more cells. Pure."""

import codecs
from collections.abc import Sequence

from import_worker.importing.planned_job import PlannedJob
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import count_named, parse_record
from import_worker.sources.cut.scan import scan
from import_worker.sources.transcode import encode_text, remove_marks


class RejectedRecords:
    """Writes in the source's own dialect and encoding where chunks are cut from the source itself, else in UTF-8.

    The two cells are appended even to a record with too many or too few: padding one would turn it into a row that a
    second upload accepts without anybody having mended it.
    """

    def __init__(self, planned: PlannedJob) -> None:
        plan, self._dialect = planned.plan, planned.dialect
        self._header_record = plan.header_record.rstrip("\r\n")
        self._newline = b"\r\n" if plan.header_record.endswith("\r\n") else b"\n"
        self._width = len(plan.header)
        self._named = count_named(plan.header, self._dialect)
        self._is_normalized = plan.normalized is not None
        # A person who saved UTF-16 or a workbook will open this in a spreadsheet program.
        self._begins_with_mark = self._is_normalized or bool(plan.format.get("bom"))

    def header(self) -> bytes:
        """The beginning of the file: the source's header, ``_row`` and ``_errors``."""
        mark = codecs.BOM_UTF8 if self._begins_with_mark else b""
        record = self._remove_added_cells(encode_text(self._header_record, self._dialect.encoding))
        return mark + record + format_cells(["_row", "_errors"], self._dialect) + self._newline

    def lines(self, data: bytes, first_row: int, rejected: Sequence[tuple[int, str]]) -> bytes:
        """The rejected records of a chunk. ``data`` are its bytes, ``first_row`` the number of its first row;
        ``rejected`` are row numbers of this chunk, ascending, each with all its messages in one text."""
        records = scan(data, self._dialect, final=True)
        stray = set(records.broken.tolist())
        lines = []
        for row, message in rejected:
            index = row - first_row
            record = data[int(records.starts[index]) : int(records.ends[index])].rstrip(b"\r\n")
            if self._is_normalized:
                record = self._remove_added_cells(remove_marks(record))
            if index in stray:
                record = _write_quotes_as_text(record, self._dialect)
            lines.append(record + format_cells([str(row), message], self._dialect) + self._newline)
        return b"".join(lines)

    def _remove_added_cells(self, record: bytes) -> bytes:
        """Removes the empty cells that were added to a sheet's record behind the last named column. A cell that is not
        empty stays: its row has too many cells, in this file as well."""
        if self._named == self._width:
            return record
        cells = parse_record(record.decode("utf-8", "surrogateescape"), self._dialect)
        while len(cells) > self._named and not cells[-1].strip():
            cells.pop()
        return format_cells(cells, self._dialect).removeprefix(self._dialect.delimiter.encode())


def _write_quotes_as_text(record: bytes, dialect: Dialect) -> bytes:
    """Writes a record with a stray quote so that the quote is part of its cell and opens nothing."""
    text = record.decode(dialect.encoding, "surrogateescape")  # ``encode_text`` restores its bytes
    return format_cells(text.split(dialect.delimiter), dialect).removeprefix(dialect.delimiter.encode())


def format_cells(values: Sequence[str], dialect: Dialect) -> bytes:
    """Writes cells to be appended to a record, each after a delimiter. In a file without quotes, a space replaces each
    character that would need them."""
    written = []
    for value in values:
        if dialect.backslash:
            value = value.replace("\\", "\\\\")  # noqa: PLW2901
        if dialect.quote is None:
            for special in (dialect.delimiter, "\r", "\n"):
                value = value.replace(special, " ")  # noqa: PLW2901
            written.append(value)
        elif any(special in value for special in (dialect.delimiter, dialect.quote, "\r", "\n")):
            written.append(dialect.quote + value.replace(dialect.quote, dialect.quote * 2) + dialect.quote)
        else:
            written.append(value)
    return encode_text("".join(dialect.delimiter + value for value in written), dialect.encoding)
