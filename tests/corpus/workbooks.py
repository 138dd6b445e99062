"""Writes a table as a workbook of any kind, for tests that the same data comes to the same rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.corpus import biff12, opendocument
from tests.corpus.package import write_package

Table = Sequence[Sequence[object]]
KINDS = ("xlsx", "xls", "xlsb", "ods")
FORMATS = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}


@dataclass(frozen=True)
class ErrorCell:
    """A cell that holds an error such as ``#N/A``."""

    text: str


def write_workbook(kind: str, table: Table, path: Path, *, date1904: bool = False) -> Path:
    """One sheet, ``Sheet1``. Cells are str, int, float, bool, date, datetime, time, timedelta, ErrorCell or None."""
    return write_sheets(kind, {"Sheet1": table}, path, date1904=date1904)


def write_sheets(
    kind: str, sheets: Mapping[str, Table], path: Path, *, hidden: Sequence[str] = (), date1904: bool = False
) -> Path:
    """Sheets by name, in this order; those in ``hidden`` hidden. ``date1904`` has no meaning for ods. Returns
    ``path``."""
    match kind:
        case "xlsx":
            _write_xlsx(sheets, path, hidden, date1904)
        case "xls":
            _write_xls(sheets, path, hidden, date1904)
        case "xlsb":
            _write_xlsb(sheets, path, hidden, date1904)
        case "ods":
            write_package(path, opendocument.package(opendocument.sheets(sheets, hidden)))
        case _:
            raise ValueError(kind)
    return path


def serial(value: object, *, date1904: bool = False) -> float:
    """The number that stands for a date or time."""
    match value:
        case datetime():
            return (value - (datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30))) / timedelta(1)  # noqa: DTZ001
        case date():
            return float((value - (date(1904, 1, 1) if date1904 else date(1899, 12, 30))).days)
        case time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
        case timedelta():
            return value / timedelta(1)
        case _:
            raise TypeError(value)


def _values(table: Table) -> Iterator[tuple[int, int, object]]:
    """Row and column (from 0) of each value."""
    for at, row in enumerate(table):
        for column, value in enumerate(row):
            if value is not None:
                yield at, column, value


def _write_xlsx(sheets: Mapping[str, Table], path: Path, hidden: Sequence[str], date1904: bool) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(str(path), {"date_1904": date1904})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    for number, (name, table) in enumerate(sheets.items()):
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        elif all(other in hidden for other in list(sheets)[:number]):
            sheet.activate()
            sheet.set_first_sheet()
        for at, column, value in _values(table):
            match value:
                case ErrorCell(text):
                    sheet.write_formula(at, column, "=NA()", None, text)
                case bool():
                    sheet.write_boolean(at, column, value)
                case int() | float():
                    sheet.write_number(at, column, value)
                case str():
                    sheet.write_string(at, column, value)
                case _:
                    sheet.write_number(at, column, serial(value, date1904=date1904), formats[type(value)])
    book.close()


def _write_xls(sheets: Mapping[str, Table], path: Path, hidden: Sequence[str], date1904: bool) -> None:
    import xlwt  # type: ignore[import-untyped]

    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = int(date1904)
    styles = {kind: xlwt.easyxf(num_format_str=code) for kind, code in FORMATS.items()}
    for name, table in sheets.items():
        sheet = book.add_sheet(name)
        sheet.visibility = int(name in hidden)
        for at, column, value in _values(table):
            match value:
                case ErrorCell(text):
                    sheet.row(at).set_cell_error(column, biff12.ERROR_CODES[text])
                case bool() | int() | float() | str():
                    sheet.write(at, column, value)
                case _:
                    sheet.write(at, column, serial(value, date1904=date1904), styles[type(value)])
    book.save(str(path))


def _write_xlsb(sheets: Mapping[str, Table], path: Path, hidden: Sequence[str], date1904: bool) -> None:
    texts: list[str] = []
    data = {}
    for name, table in sheets.items():
        rows = b"".join(
            biff12.row(at) + b"".join(biff12.value_cell(column, value, texts) for column, value in enumerate(row))
            for at, row in enumerate(table)
        )
        data[name] = biff12.sheet(rows, (len(table), max(map(len, table), default=0)))
    if date1904:
        raise ValueError("write xlsb of 1904 with biff12.package")
    write_package(path, biff12.package(data, texts, hidden))
