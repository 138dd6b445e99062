"""Records and cells that are not well-formed: too many or too few cells, stray quotes, NULs, bytes that the encoding
does not allow, a spreadsheet's errors. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from import_worker.row_errors.sentence import Problem, Sentence
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import parse_record
from import_worker.sources.cut.scan import Records
from import_worker.sources.transcode import ERROR_MARK
from import_worker.sources.workbooks.cells import NO_RESULT

_WINDOW_RECORDS = 256
_ERROR_NAME = re.compile(r"#[A-Z0-9/_]{1,20}[!?]?|Err:\d{1,4}")
_ERROR_MARK = ERROR_MARK.decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class BadRecord:
    """One reason to reject a record. ``column`` is the header of the cell that is wrong, if a single cell is; the row
    may be in the frame nevertheless, so that its other cells are validated, too."""

    row: int
    problem: Problem
    raw: str
    column: str | None = None
    column_index: int | None = None


@dataclass(frozen=True)
class Shape:
    """The expected shape of a record: the header's cells, which columns are wanted, whether missing cells are empty.

    ``named`` is how many of the header's cells count (``count_named``).
    """

    header: tuple[str, ...]
    columns: Collection[int]
    pad: bool
    named: int

    def fit(self, cells: list[str]) -> list[str] | None:
        """The cells, one per header; None if there are too many or too few.

        Extra cells are dropped if all are empty; with ``pad``, missing trailing cells are empty. A cell is empty if it
        holds nothing but white space.
        """
        width = len(self.header)
        if any(cell.strip() for cell in cells[self.named :]):
            return None
        if len(cells) < width and (self.pad or len(cells) >= self.named):
            return cells + [""] * (width - len(cells))
        return cells[:width] if len(cells) >= width else None

    def malformed(self, row: int, cells: list[str], raw: str) -> BadRecord:
        return BadRecord(row, Sentence.WRONG_NUMBER_OF_CELLS.problem(cells=len(cells), headers=self.named), raw)


@dataclass(frozen=True)
class Recovered:
    """``rows`` are (row, cells) with a cell per header. ``bad`` are the reasons to reject records; records with a
    single bad cell are in both."""

    rows: list[tuple[int, list[str]]]
    bad: list[BadRecord]


def find_unreadable(data: bytes, records: Records) -> list[int]:
    """Indexes of the records with a stray quote, a NUL, or bytes that are not UTF-8, such as the marks of
    ``transcode``, in order."""
    found: set[int] = set(records.broken.tolist())
    if b"\0" in data:
        positions = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        owners = np.searchsorted(records.starts, positions, side="right") - 1
        inside = owners >= 0
        inside[inside] = positions[inside] < records.ends[owners[inside]]  # the others are in rows that are left out
        found.update(owners[inside].tolist())
    if not data.isascii():
        # Windows limit the work: one bad byte must not make every record of the chunk be checked.
        for first in range(0, len(records), _WINDOW_RECORDS):
            last = min(first + _WINDOW_RECORDS, len(records))
            window = data[int(records.starts[first]) : int(records.ends[last - 1])]
            if not _is_utf8(window):
                found.update(
                    index
                    for index in range(first, last)
                    if not _is_utf8(data[int(records.starts[index]) : int(records.ends[index])])
                )
    return sorted(found)


def recover_unreadable(
    data: bytes, records: Records, indexes: list[int], first_row: int, dialect: Dialect, shape: Shape
) -> Recovered:
    """Recovers what can be read of the records that ``find_unreadable`` found.

    A cell that is wrong is empty in ``rows``.
    """
    recovered = Recovered([], [])
    stray = set(records.broken.tolist())
    for index in indexes:
        row = first_row + index
        raw = data[int(records.starts[index]) : int(records.ends[index])].decode("utf-8", "surrogateescape")
        if index in stray:
            recovered.bad.append(BadRecord(row, Sentence.STRAY_QUOTE.problem(), _printable(raw.rstrip("\r\n"))))
            continue
        cells = parse_record(raw, dialect)
        recovered.bad.extend(_find_bad_cells(row, cells, dialect, shape))
        cells = [_printable(cell) if not _is_invalid(cell) else "" for cell in cells]
        fitting = shape.fit(cells)
        if fitting is None:
            recovered.bad.append(shape.malformed(row, cells, _printable(raw.rstrip("\r\n"))))
        else:
            recovered.rows.append((row, fitting))
    return recovered


def recover_ragged(ragged: list[tuple[int, str]], dialect: Dialect, shape: Shape) -> Recovered:
    """Recovers records (row, text) that the parser refused for their number of cells: those that fit the header after
    all become rows, the others are malformed."""
    recovered = Recovered([], [])
    for row, text in ragged:
        cells = parse_record(text, dialect)
        fitting = shape.fit(cells)
        if fitting is None:
            recovered.bad.append(shape.malformed(row, cells, text))
        else:
            recovered.rows.append((row, fitting))
    return recovered


def _find_bad_cells(row: int, cells: list[str], dialect: Dialect, shape: Shape) -> list[BadRecord]:
    """An error for each cell that is wrong. A spreadsheet's error is ignored in a column that is not wanted."""
    found = []
    for index, cell in enumerate(cells):
        if not _is_invalid(cell):
            continue
        problem = Sentence.BAD_BYTES.problem()
        if "\0" in cell:
            problem = Sentence.NUL.problem()
        elif dialect.lines == "records" and cell.startswith(_ERROR_MARK):
            if index not in shape.columns:
                continue
            name = _printable(cell)
            # In a damaged file the error's name may be any text, and messages are not masked, so only a name that looks
            # like one is shown.
            problem = Sentence.UNNAMED_ERROR.problem()
            if cell.endswith(NO_RESULT):
                problem = Sentence.FORMULA_WITHOUT_RESULT.problem()
            elif _ERROR_NAME.fullmatch(name):
                problem = Sentence.NAMED_ERROR.problem(name=name)
        place = (shape.header[index], index) if index < len(shape.header) else (None, None)
        found.append(BadRecord(row, problem, _printable(cell), *place))
    return found


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_invalid(cell: str) -> bool:
    return "\0" in cell or (not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell))


def _printable(text: str) -> str:
    """The text with U+FFFD for characters that PostgreSQL cannot hold, and without ERROR_MARK."""
    text = text.removeprefix(_ERROR_MARK).replace("\0", "\ufffd")
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
