"""``rejected.csv``: rejected records as they stand in the source, each with two cells more. Pure."""

import codecs
from collections.abc import Sequence

from import_worker.importing.planned_job import PlannedJob
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import count_named, parse_record
from import_worker.sources.cut.scan import scan
from import_worker.sources.transcode import from_text, readable


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
        # Whoever saved UTF-16 or a workbook will open this in a spreadsheet program.
        self._begins_with_mark = self._is_normalized or bool(plan.format.get("bom"))

    def header(self) -> bytes:
        """The beginning of the file: the source's header, ``_row`` and ``_errors``."""
        mark = codecs.BOM_UTF8 if self._begins_with_mark else b""
        record = self._without_added_cells(from_text(self._header_record, self._dialect.encoding))
        return mark + record + cells_behind(["_row", "_errors"], self._dialect) + self._newline

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
                record = self._without_added_cells(readable(record))
            if index in stray:
                record = _with_quotes_as_text(record, self._dialect)
            lines.append(record + cells_behind([str(row), message], self._dialect) + self._newline)
        return b"".join(lines)

    def _without_added_cells(self, record: bytes) -> bytes:
        """A record of a sheet without the empty cells that were added behind the header's names: a cell that somebody
        wrote there makes its row too long, here as well."""
        if self._named == self._width:
            return record
        cells = parse_record(record.decode("utf-8", "surrogateescape"), self._dialect)
        while len(cells) > self._named and not cells[-1].strip():
            cells.pop()
        return cells_behind(cells, self._dialect).removeprefix(self._dialect.delimiter.encode())


def _with_quotes_as_text(record: bytes, dialect: Dialect) -> bytes:
    """A record with a stray quote, written so that the quote is seen in its cell and swallows nothing."""
    text = record.decode(dialect.encoding, "surrogateescape")  # whose bytes ``from_text`` gives back
    return cells_behind(text.split(dialect.delimiter), dialect).removeprefix(dialect.delimiter.encode())


def cells_behind(values: Sequence[str], dialect: Dialect) -> bytes:
    """Cells as they stand behind a record, each after a delimiter. In a file without quotes, what would need one
    becomes a space."""
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
    return from_text("".join(dialect.delimiter + value for value in written), dialect.encoding)
