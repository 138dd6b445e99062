"""ods: tables of content.xml, read as they come (OpenDocument 1.3 part 3)."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from import_worker.sources.workbooks.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Row,
    bool_cell,
    error_cell,
    number_cell,
    text_cell,
)
from import_worker.sources.workbooks.iso import duration_cell, iso_cell
from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.refusals import damaged, encrypted, limit
from import_worker.sources.workbooks.sheets import Listed, Sheet, WorkbookKind, choose
from import_worker.sources.workbooks.xml_events import parse, parse_stepwise

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
# Every program that writes ods writes these prefixes. The scan for tables needs them without parsing.
_PREFIXES = {
    "xmlns:table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "xmlns:office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "xmlns:text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}
_TABLE = re.compile(rb"""<table:table(?=[\s/>])(?:[^>"']|"[^"]*"|'[^']*')*>""")
_TABLE_START = b"<table:table"
_MAX_TAG_BYTES = 1 << 20
# Elements in or beside a cell that are not its text, or that hold cells which are no rows of the sheet.
_ASIDE = frozenset(
    {
        "office:annotation",
        "table:tracked-changes",
        "table:shapes",
        "table:dde-links",
        "draw:frame",
        "draw:custom-shape",
        "draw:g",
        "text:ruby-text",
        "text:note",
    }
)
_ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|GETTING_DATA)|Err:\d+")
_SPACES = re.compile("[ \t\r\n]+")
_MAX_SPACES = 32_767  # characters of a cell


def open_ods(package: Package, wanted: str | None) -> tuple[Sheet, Iterator[Row]]:
    """Finds the tables in one quick pass; the sheet is parsed when its rows are asked for. Raises ``JobFailed``."""
    if _MANIFEST in package and any(
        mark in package.read(_MANIFEST) for mark in (b"encryption-data", b"encrypted-package")
    ):
        raise encrypted()
    listed = _tables(package)
    index = choose(listed, wanted)
    sheet = Sheet(WorkbookKind.ODS, listed[index].name, tuple(each.name for each in listed))
    return sheet, table_rows(package.stream(_CONTENT, again=True), index)


def _tables(package: Package) -> list[Listed]:
    chunks = package.stream(_CONTENT)
    head: list[bytes] = []
    hidden = _hidden_styles(_recorded(chunks, head))
    listed: list[Listed] = []

    def start(_: str, attributes: dict[str, str]) -> None:
        style = attributes.get("table:style-name", "")
        listed.append(Listed(attributes.get("table:name", ""), style not in hidden))

    for tag in _table_tags(chain(head, chunks)):
        # A table within a cell of another table is counted, too, as ``table_rows`` does.
        parse([tag if tag.endswith(b"/>") else tag[:-1] + b"/>"], start)
    return listed


def _recorded(chunks: Iterator[bytes], record: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        record.append(chunk)
        yield chunk


def _hidden_styles(chunks: Iterable[bytes]) -> set[str]:
    """The names of the table styles that hide a table. Reads until the content begins."""
    hidden: set[str] = set()
    family, begun, first = "", False, True

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal family, begun, first
        if first:
            first = False
            if any(attributes.get(prefix) != uri for prefix, uri in _PREFIXES.items()):
                raise damaged("its content.xml does not declare the names of OpenDocument")
        if tag == "style:style":
            family = attributes.get("style:name", "") if attributes.get("style:family") == "table" else ""
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            hidden.add(family)
        elif tag == "office:body":
            begun = True

    for _ in parse_stepwise(chunks, start):
        if begun:
            break
    return hidden


def _table_tags(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the start tags of tables. Searching for them is ten times as fast as parsing."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        end = 0
        for match in _TABLE.finditer(data):
            yield match[0]
            end = match.end()
        cut = data.rfind(_TABLE_START, max(end, len(data) - _MAX_TAG_BYTES))
        while cut >= 0 and data[cut + len(_TABLE_START) : cut + len(_TABLE_START) + 1] not in (
            b"",
            b" ",
            b"\t",
            b"\r",
            b"\n",
        ):
            cut = data.rfind(_TABLE_START, max(end, len(data) - _MAX_TAG_BYTES), cut)
        rest = data[cut:] if cut >= 0 else data[max(end, len(data) - len(_TABLE_START)) :]


def table_rows(chunks: Iterable[bytes], index: int) -> Iterator[Row]:
    """The rows of the table with this index (from 0, in the order of start tags). Raises ``JobFailed``.

    A repeated row is yielded as often as it is repeated if it has values, and not at all if it has none.
    """
    reader = _TableReader(index)
    for _ in parse_stepwise(chunks, reader.start, reader.end, reader.text):
        for row, count, cells in reader.rows:
            for number in range(row, row + count):
                yield number, cells
        reader.rows.clear()


class _TableReader:
    """The state of reading between one tag and the next. ``rows`` are the finished rows: number, count, cells."""

    def __init__(self, index: int) -> None:
        self.rows: list[tuple[int, int, list[Cell]]] = []
        self.text: list[str] = []
        self._left = index  # tables to skip
        self._depth = 0  # of tables, from the wanted one on
        self._aside = 0  # of elements that are no part of the sheet
        self._row = self._column = 0
        self._row_count = 1
        self._cells: list[Cell] = []
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._paragraph: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.text:
            self._keep_text()
        if tag == "table:table":
            self._left -= 1
            if self._left < 0:
                self._depth += self._left == -1 or self._depth > 0
            return
        if self._depth != 1:
            return
        if self._aside or tag in _ASIDE:
            self._aside += 1
        elif tag == "table:table-cell":
            self._cell, self._paragraphs = attributes, []
        elif tag == "table:covered-table-cell":
            self._column += _count(attributes.get("table:number-columns-repeated"))
        elif tag == "table:table-row":
            self._row_count = _count(attributes.get("table:number-rows-repeated"))
            self._column, self._cells = 0, []
        elif self._cell is not None:
            self._start_text(tag, attributes)

    def end(self, tag: str) -> None:
        if self.text:
            self._keep_text()
        if tag == "table:table":
            self._depth -= self._depth > 0
        elif self._depth != 1:
            return
        elif self._aside:
            self._aside -= 1
        elif tag == "text:p" and self._paragraph is not None:
            self._paragraphs.append("".join(self._paragraph))
            self._paragraph = None
        elif tag == "table:table-cell" and self._cell is not None:
            self._put(_value(self._cell, self._paragraphs), _count(self._cell.get("table:number-columns-repeated")))
            self._cell = self._paragraph = None
        elif tag == "table:table-row":
            self._end_row()

    def _start_text(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "text:p":
            self._paragraph = []
        elif self._paragraph is None:
            return
        elif tag == "text:s":
            self._paragraph.append(" " * min(_count(attributes.get("text:c")), _MAX_SPACES))
        elif tag == "text:tab":
            self._paragraph.append("\t")
        elif tag == "text:line-break":
            self._paragraph.append("\n")

    def _keep_text(self) -> None:
        """Adds text to the paragraph. A run of white space becomes one blank, and none at the start of the paragraph
        (OpenDocument 1.3 part 3, 6.1.2)."""
        if self._paragraph is not None and not self._aside:
            text = _SPACES.sub(" ", "".join(self.text))
            last = self._paragraph[-1] if self._paragraph else " "
            self._paragraph.append(text.removeprefix(" ") if last == " " else text)
        self.text.clear()

    def _put(self, cell: bytes, count: int) -> None:
        if cell:
            if self._column + count > MAX_COLUMNS:
                raise limit(f"The sheet has more than {MAX_COLUMNS:,} columns.")
            self._cells.extend([b""] * (self._column - len(self._cells)))
            self._cells.extend([cell] * count)
        self._column += count

    def _end_row(self) -> None:
        if self._cells:
            if self._row + self._row_count > MAX_ROWS:
                raise limit(f"The sheet has more than {MAX_ROWS:,} rows; divide it among several files.")
            self.rows.append((self._row + 1, self._row_count, self._cells))
        self._row += self._row_count
        self._cells = []


def _count(repeated: str | None) -> int:
    if repeated is None:
        return 1
    return int(repeated) if repeated.isdecimal() and 0 < len(repeated) < 10 else 1


def _value(cell: dict[str, str], paragraphs: list[str]) -> bytes:
    text = "\n".join(paragraphs)
    # LibreOffice stores an error as an empty text or a zero; only the paragraph contains what it shows.
    if cell.get("calcext:value-type") == "error" or ("table:formula" in cell and _ERROR.fullmatch(text)):
        return error_cell(text)
    read = _READERS.get(cell.get("office:value-type", ""), _text)
    return read(cell, text)


def _text(cell: dict[str, str], text: str) -> bytes:
    return text_cell(text or cell.get("office:string-value", ""))


def _number(cell: dict[str, str], text: str) -> bytes:
    try:
        return number_cell(float(cell.get("office:value", "")))
    except ValueError:
        return text_cell(text)


_READERS: dict[str, Callable[[dict[str, str], str], bytes]] = {
    **dict.fromkeys(("float", "percentage", "currency"), _number),
    "date": lambda cell, text: iso_cell(cell.get("office:date-value") or text),
    "time": lambda cell, text: duration_cell(cell.get("office:time-value") or text),
    "boolean": lambda cell, _: bool_cell(cell.get("office:boolean-value") == "true"),
}
