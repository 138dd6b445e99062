"""Reads the cells of an xlsx sheet while its XML is parsed (ECMA-376 part 1, 18.3.1)."""

import re
from collections.abc import Callable, Iterable, Iterator

from import_worker.sources.workbooks.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    NO_RESULT,
    Cell,
    Format,
    Row,
    bool_cell,
    error_cell,
    formatted_cell,
    number_cell,
    text_cell,
)
from import_worker.sources.workbooks.iso import iso_cell
from import_worker.sources.workbooks.refusals import damaged, limit
from import_worker.sources.workbooks.strings import Strings
from import_worker.sources.workbooks.xlsx_text import unescape
from import_worker.sources.workbooks.xml_events import local_name, parse_stepwise

TRUE = ("1", "true", "on")
# Numbers of at most 15 characters that are stored as they are shown.
_PLAIN = re.compile(r"-?(?:0\.[0-9]*[1-9]|[1-9][0-9]*(?:\.[0-9]*[1-9])?)|0")
_PLAIN_LENGTH = 15


def sheet_rows(chunks: Iterable[bytes], strings: Strings, dates: dict[str, Format], date1904: bool) -> Iterator[Row]:
    """Yields the rows with their cells, also rows without a value. Raises ``JobFailed``.

    ``dates`` are the styles that show a number as a date or time. The sheet's declared dimension is ignored.
    """
    sheet = _SheetReader(strings, dates, date1904)
    for _ in parse_stepwise(chunks, sheet.start, sheet.end, sheet.text):
        yield from sheet.rows
        sheet.rows.clear()


class _SheetReader:
    """The state of reading between one tag and the next. ``rows`` are the finished rows.

    Tags matter only within ``sheetData``, so their handlers are looked up in dictionaries that are empty elsewhere.
    """

    def __init__(self, strings: Strings, dates: dict[str, Format], date1904: bool) -> None:
        self.rows: list[Row] = []
        self.text: list[str] = []
        self._strings, self._dates, self._date1904 = strings, dates, date1904
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._prefix: str | None = None
        self._row = self._column = 0
        self._cells: list[Cell] = []
        self._type: str | None = None
        self._owes_result = False
        """Whether the present cell has a formula, and no value has been read for it."""
        self._style: str | None = None
        self._runs: list[str] = []
        self._phonetic = False
        self._columns: dict[str, int] = {}
        self._readers: dict[str | None, Callable[[str], Cell]] = {
            None: self._number,
            "n": self._number,
            "s": self._shared,
            "b": lambda value: bool_cell(value.strip() in TRUE),
            "e": error_cell,
            "d": iso_cell,
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.text.clear()
        handler = self._starts.get(tag)
        if handler:
            handler(attributes)
        elif self._prefix is None:
            self._prefix = tag.removesuffix(local_name(tag))
            self._starts[f"{self._prefix}sheetData"] = self._start_data

    def end(self, tag: str) -> None:
        handler = self._ends.get(tag)
        if handler:
            handler()

    def _start_data(self, _: dict[str, str]) -> None:
        prefix = self._prefix
        self._starts = {
            f"{prefix}c": self._start_cell,
            f"{prefix}f": self._start_formula,
            f"{prefix}row": self._start_row,
            f"{prefix}rPh": self._start_phonetic,
        }
        self._ends = {
            f"{prefix}v": self._end_value,
            f"{prefix}row": self._end_row,
            f"{prefix}t": self._end_run,
            f"{prefix}is": self._end_inline,
            f"{prefix}rPh": self._end_phonetic,
            f"{prefix}sheetData": self._end_data,
        }

    def _end_data(self) -> None:
        self._starts, self._ends = {}, {}

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else _row(number, self._row)
        self._column, self._cells = 0, []

    def _start_formula(self, _: dict[str, str]) -> None:
        self._owes_result = True

    def _put_missing_result(self) -> None:
        self._owes_result = False
        self._put(error_cell(NO_RESULT))

    def _end_row(self) -> None:
        if self._owes_result:
            self._put_missing_result()
        if self._row > MAX_ROWS:
            raise limit(f"The sheet has more than {MAX_ROWS:,} rows; divide it among several files.")
        self.rows.append((self._row, self._cells))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._owes_result:
            self._put_missing_result()
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip("0123456789")
            self._column = self._columns.get(letters) or self._columns.setdefault(letters, _column(letters))
        self._type, self._style = attributes.get("t"), attributes.get("s")

    def _end_value(self) -> None:
        if self.text or self._type == "str":
            self._owes_result = False
        if self.text:
            value = self.text[0] if len(self.text) == 1 else "".join(self.text)
            read = self._readers.get(self._type)
            self._put(read(value) if read else text_cell(unescape(value)))

    def _end_run(self) -> None:
        if not self._phonetic:
            self._runs += self.text

    def _end_inline(self) -> None:
        self._put(text_cell(unescape("".join(self._runs))))
        self._runs.clear()

    def _start_phonetic(self, _: dict[str, str]) -> None:
        self._phonetic = True

    def _end_phonetic(self) -> None:
        self._phonetic = False

    def _put(self, cell: Cell) -> None:
        if not cell:
            return
        missing = self._column - 1 - len(self._cells)
        if missing < 0:
            if not self._column:
                raise damaged("a value stands in no cell")
            self._cells[self._column - 1] = cell
            return
        if missing:
            if self._column > MAX_COLUMNS:
                raise limit(f"The sheet has more than {MAX_COLUMNS:,} columns.")
            self._cells.extend([b""] * missing)
        self._cells.append(cell)

    def _number(self, value: str) -> bytes:
        shown = self._dates.get(self._style) if self._style else None
        if shown is None and len(value) <= _PLAIN_LENGTH and _PLAIN.fullmatch(value):
            return value.encode()
        try:
            number = float(value)
        except ValueError:
            return error_cell(value) if value.strip() else b""
        return formatted_cell(number, shown, self._date1904) if shown else number_cell(number)

    def _shared(self, value: str) -> Cell:
        try:
            index = int(value)
        except ValueError:
            raise damaged("a cell refers to a text that is missing") from None
        return self._strings[index]


def _column(letters: str) -> int:
    """``A`` is 1. Raises ``JobFailed``."""
    column = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or column > MAX_COLUMNS:
            raise damaged(f"a cell stands in a column {letters[:20]!r}")
        column = column * 26 + ord(letter) - ord("A") + 1
    if not 0 < column <= MAX_COLUMNS:
        raise damaged(f"a cell stands in a column {letters[:20]!r}")
    return column


def _row(number: str, last: int) -> int:
    row = int(number) if number.isdecimal() and len(number) < 10 else 0
    if not last < row <= MAX_ROWS:
        raise damaged(f"a row has the number {number[:20]!r} after {last}")
    return row
