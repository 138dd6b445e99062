"""xls: xlrd reads the whole workbook into memory, which is possible because a sheet has at most 65,536 rows."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import xlrd  # type: ignore[import-untyped]

from import_worker.sources.workbooks.cells import (
    ERRORS,
    Format,
    Row,
    bool_cell,
    error_cell,
    formatted_cell,
    number_cell,
    text_cell,
)
from import_worker.sources.workbooks.number_format import shown_by_id
from import_worker.sources.workbooks.refusals import damaged, encrypted
from import_worker.sources.workbooks.sheets import Listed, Sheet, WorkbookKind, choose


class DiscardedOutput(io.TextIOBase):
    """Discards what xlrd would print."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def open_xls(path: Path, wanted: str | None) -> Iterator[tuple[Sheet, Iterator[Row]]]:
    """Opens the chosen sheet. Raises ``JobFailed``, and for a damaged workbook whatever xlrd raises."""
    try:
        # Without formatting_info, xlrd does not keep the cells' formats.
        book = xlrd.open_workbook(
            str(path),
            logfile=DiscardedOutput(),
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
    except xlrd.XLRDError as error:
        raise encrypted() if "encrypted" in str(error) else damaged(str(error)) from error
    with book:
        listed = [
            Listed(name, visibility == 0)
            for name, visibility in zip(book.sheet_names(), book._sheet_visibility, strict=False)
        ]
        index = choose(listed, wanted)
        sheet = Sheet(WorkbookKind.XLS, listed[index].name, tuple(each.name for each in listed))
        yield sheet, _rows(book, index)


def _rows(book: xlrd.Book, index: int) -> Iterator[Row]:
    table = book.sheet_by_index(index)
    dates = [_shown(book, style.format_key) for style in book.xf_list]
    date1904 = bool(book.datemode)
    for row in range(table.nrows):
        cells = [
            _cell(kind, value, dates[table.cell_xf_index(row, column)], date1904) if kind != xlrd.XL_CELL_BLANK else b""
            for column, (kind, value) in enumerate(zip(table.row_types(row), table.row_values(row), strict=True))
        ]
        yield row + 1, list(cells)


def _shown(book: xlrd.Book, key: int) -> Format | None:
    known = book.format_map.get(key)
    return shown_by_id(key, known.format_str if known else None)


def _cell(kind: int, value: object, shown: Format | None, date1904: bool) -> bytes:
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE) and isinstance(value, float):
        return formatted_cell(value, shown, date1904) if shown else number_cell(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool_cell(value)
    if kind == xlrd.XL_CELL_ERROR:
        return error_cell(ERRORS.get(value, "") if isinstance(value, int) else "")
    return text_cell(str(value))
