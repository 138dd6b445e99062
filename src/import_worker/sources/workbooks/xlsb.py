"""xlsb: the same package as xlsx with its parts in binary records ([MS-XLSB] 2.4, where each record is described)."""

import struct
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from import_worker.sources.workbooks.biff12 import records, text_at
from import_worker.sources.workbooks.cells import (
    ERRORS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Format,
    Row,
    bool_cell,
    error_cell,
    formatted_cell,
    number_cell,
    text_cell,
)
from import_worker.sources.workbooks.number_format import shown_by_id
from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.refusals import damaged
from import_worker.sources.workbooks.relations import sheet_relations, target_of
from import_worker.sources.workbooks.sheets import Listed, Sheet, WorkbookKind, choose
from import_worker.sources.workbooks.strings import Strings


class _Brt(IntEnum):
    """Numbers of records, named as in [MS-XLSB] 2.3."""

    ROW_HDR = 0
    CELL_BLANK = 1
    CELL_RK = 2
    CELL_ERROR = 3
    CELL_BOOL = 4
    CELL_REAL = 5
    CELL_ST = 6
    CELL_ISST = 7
    FMLA_STRING = 8
    FMLA_NUM = 9
    FMLA_BOOL = 10
    FMLA_ERROR = 11
    SST_ITEM = 19
    FMT = 44
    XF = 47
    CELL_R_STRING = 62
    BEGIN_SHEET_DATA = 145
    END_SHEET_DATA = 146
    WB_PROP = 153
    BUNDLE_SH = 156
    BEGIN_CELL_XFS = 617
    END_CELL_XFS = 618


_ROW = struct.Struct("<I")
_CELL = struct.Struct("<II")  # column; style in 24 bits and flags in 8
_STYLE_MASK = 0xFFFFFF
_VALUE = 8
_INT = struct.Struct("<i")
_INDEX = struct.Struct("<I")
_REAL = struct.Struct("<d")
_FMT = struct.Struct("<H")
_XF = struct.Struct("<HH")
_REAL_HIGH_HALF = struct.Struct("<II")


def open_xlsb(package: Package, part: str, wanted: str | None) -> tuple[Sheet, Iterator[Row]]:
    """Opens the chosen sheet. ``part`` is the workbook's main part. Nothing of the sheet is read before its rows are
    iterated over. Raises ``JobFailed``."""
    related = sheet_relations(package, part)
    listed: list[Listed] = []
    date1904 = False
    with _RefuseShortRecords():
        for number, data in records(package.stream(part)):
            if number == _Brt.WB_PROP:
                date1904 = bool(data[0] & 1)
            elif number == _Brt.BUNDLE_SH:
                relation_id, end = text_at(data, 8)
                relation = related.get(relation_id)
                if relation and relation.kind == "worksheet":
                    hidden = _INDEX.unpack_from(data)[0] != 0
                    listed.append(Listed(text_at(data, end)[0], not hidden, relation.target))
    chosen = listed[choose(listed, wanted)]
    sheet = Sheet(WorkbookKind.XLSB, chosen.name, tuple(each.name for each in listed))
    return sheet, _rows(
        package, chosen.place, target_of(related, "styles"), target_of(related, "sharedStrings"), date1904
    )


def _rows(package: Package, part: str, styles: str | None, strings: str | None, date1904: bool) -> Iterator[Row]:
    dates = _date_styles(package.stream(styles)) if styles and styles in package else {}
    shared = Strings()
    if strings and strings in package:
        for number, data in records(package.stream(strings)):
            if number == _Brt.SST_ITEM:
                shared.add(text_cell(text_at(data, 1)[0]))
    return _sheet_rows(package.stream(part), shared, dates, date1904)


def _date_styles(chunks: Iterable[bytes]) -> dict[int, Format]:
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = False
    with _RefuseShortRecords():
        for number, data in records(chunks):
            if number == _Brt.FMT:
                codes[_FMT.unpack_from(data)[0]] = text_at(data, 2)[0]
            elif number == _Brt.XF and inside:
                formats.append(_XF.unpack_from(data)[1])
            elif number in (_Brt.BEGIN_CELL_XFS, _Brt.END_CELL_XFS):
                inside = number == _Brt.BEGIN_CELL_XFS
    shown = {index: shown_by_id(number, codes.get(number)) for index, number in enumerate(formats)}
    return {index: how for index, how in shown.items() if how}


def _sheet_rows(chunks: Iterable[bytes], strings: Strings, dates: dict[int, Format], date1904: bool) -> Iterator[Row]:
    row = 0
    cells: list[Cell] = []
    with _RefuseShortRecords():
        for number, data in _sheet_data(chunks):
            if number == _Brt.ROW_HDR:
                if cells:
                    yield row, cells
                before, row, cells = row, _ROW.unpack_from(data)[0] + 1, []
                if not before < row <= MAX_ROWS:
                    raise damaged(f"a row has the number {row} after {before}")
            elif read := _READERS.get(number):
                column, style = _CELL.unpack_from(data)
                value = read(data, strings)
                if isinstance(value, float):
                    shown = dates.get(style & _STYLE_MASK)
                    value = formatted_cell(value, shown, date1904) if shown else number_cell(value)
                if value:
                    _put(cells, column, value)
        if cells:
            yield row, cells


def _sheet_data(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yields the records of rows and cells; other elements of the sheet may contain cell records that are no cells."""
    inside = False
    for number, data in records(chunks):
        if number in (_Brt.BEGIN_SHEET_DATA, _Brt.END_SHEET_DATA):
            inside = number == _Brt.BEGIN_SHEET_DATA
        elif inside:
            yield number, data


def _put(cells: list[Cell], column: int, value: Cell) -> None:
    if column >= MAX_COLUMNS:
        raise damaged(f"a cell stands in column {column + 1}")
    if column >= len(cells):
        cells.extend([b""] * (column + 1 - len(cells)))
    cells[column] = value


def _rk(data: bytes, _: Strings) -> float:
    """Decodes 32 bits: the upper 30 are a whole number or the upper part of a real one, as the second-lowest bit says;
    the lowest bit says whether to divide by 100."""
    (packed,) = _INT.unpack_from(data, _VALUE)
    value = float(packed >> 2) if packed & 2 else _REAL.unpack(_REAL_HIGH_HALF.pack(0, packed & 0xFFFFFFFC))[0]
    return float(value / 100 if packed & 1 else value)


def _real(data: bytes, _: Strings) -> float:
    return float(_REAL.unpack_from(data, _VALUE)[0])


def _bool(data: bytes, _: Strings) -> bytes:
    return bool_cell(data[_VALUE])


def _error(data: bytes, _: Strings) -> bytes:
    return error_cell(ERRORS.get(data[_VALUE], ""))


def _text(data: bytes, _: Strings) -> bytes:
    return text_cell(text_at(data, _VALUE)[0])


def _rich_text(data: bytes, _: Strings) -> bytes:
    return text_cell(text_at(data, _VALUE + 1)[0])


def _shared(data: bytes, strings: Strings) -> Cell:
    return strings[_INDEX.unpack_from(data, _VALUE)[0]]


_READERS: dict[int, Callable[[bytes, Strings], Cell | float]] = {
    _Brt.CELL_RK: _rk,
    _Brt.CELL_ERROR: _error,
    _Brt.CELL_BOOL: _bool,
    _Brt.CELL_REAL: _real,
    _Brt.CELL_ST: _text,
    _Brt.CELL_ISST: _shared,
    _Brt.FMLA_STRING: _text,
    _Brt.FMLA_NUM: _real,
    _Brt.FMLA_BOOL: _bool,
    _Brt.FMLA_ERROR: _error,
    _Brt.CELL_R_STRING: _rich_text,
}


class _RefuseShortRecords:
    """Raises ``JobFailed`` (unreadable_file) if a record is shorter than its kind."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, (struct.error, IndexError)):
            raise damaged("a record is too short") from error
