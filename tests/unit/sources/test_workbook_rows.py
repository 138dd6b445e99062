"""Rows and columns: numbers of rows, phantoms, widths, dimensions that lie, and what comes out when."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.workbooks import records
from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.cells import Cell, Row
from import_worker.sources.workbooks.records import blocks
from tests.corpus import biff12, opendocument
from tests.corpus.package import write_package, xlsx_parts
from tests.corpus.workbooks import KINDS, write_workbook
from tests.unit.sources.test_workbook_cells import csv_of


def budget() -> Budget:
    return Budget(1 << 30, lambda: None)


def csv(rows: list[Row]) -> bytes:
    return b"".join(blocks(iter(rows), budget()))


def cells(*texts: str) -> list[Cell]:
    made: list[Cell] = []
    made.extend(text.encode() for text in texts)
    return made


def at(column: int, text: str = "x") -> list[Cell]:
    return [*[b""] * (column - 1), text.encode()]


def test_record_n_is_row_n() -> None:
    assert csv([(2, cells("a")), (3, cells()), (4, cells("", "")), (7, cells("b"))]) == b"\na\n\n\n\n\nb\n"


def test_rows_after_the_last_value_are_none() -> None:
    assert csv([(1, cells("a")), (2, cells("", "")), (1_048_576, cells(""))]) == b"a\n"


def test_short_rows_are_filled_to_the_width_of_the_table() -> None:
    rows = [(1, cells("Title")), (2, cells("a", "b", "c", "", "")), (3, cells("1")), (4, cells("1", "", "3"))]
    assert csv(rows) == b"Title,,\na,b,c\n1,,\n1,,3\n"


def test_a_wide_header_over_narrow_rows_counts() -> None:
    header = [b"h%d" % number for number in range(300)]
    lines = csv([(1, [*header]), *((number, cells("1", "2")) for number in range(2, 50))]).splitlines()
    assert {line.count(b",") for line in lines} == {299}


def test_a_stray_value_makes_only_its_own_row_longer() -> None:
    rows = [(number, cells("a", "b")) for number in range(1, 2_000)]
    rows[4] = (5, [*cells("a", "b"), *at(16_382)])
    rows[1_500] = (1_501, [*cells("a", "b"), *at(100)])
    lines = csv(rows).splitlines()
    assert lines[4].count(b",") == 16_383
    assert lines[1_500].count(b",") == 101
    assert {line.count(b",") for number, line in enumerate(lines) if number not in (4, 1_500)} == {1}


def test_a_table_that_begins_far_to_the_right_has_its_width() -> None:
    rows = [(1, at(50, "a")), (2, [*at(50, "b"), b"c"]), (3, [*at(50, "d"), b"e"])]
    assert csv(rows) == b",".join([b""] * 49) + b",a,\n" + b"," * 49 + b"b,c\n" + b"," * 49 + b"d,e\n"


def test_a_header_after_the_thousandth_row_is_too_late() -> None:
    rows = [(number, cells("a")) for number in range(1, 1_001)] + [(1_001, cells("a", "b"))]
    assert csv(rows) == b"a\n" * 1_000 + b"a,b\n"


def test_the_first_block_is_there_after_a_thousand_rows() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for number in range(1, 100_000):
            read = number
            yield number, cells("some text", "more text")

    made = blocks(rows(), budget())
    assert next(made).count(b"\n") == 1_000
    assert read == 1_000
    assert records.BLOCK_BYTES <= len(next(made)) < records.BLOCK_BYTES + 100


def test_few_long_rows_are_not_all_held() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for number in range(1, 100):
            read = number
            yield number, [b"x" * (1 << 20)]

    next(blocks(rows(), budget()))
    assert read < 12


def test_a_record_has_a_limit() -> None:
    with pytest.raises(JobFailed, match="Row 2 of the sheet holds more than 16 MiB") as caught:
        csv([(1, cells("a")), (2, [b"x" * (9 << 20), b"x" * (9 << 20)])])
    assert caught.value.reason is FailureReason.LIMIT_EXCEEDED


@pytest.mark.parametrize("kind", KINDS)
def test_cells_of_blanks_are_no_values(kind: str, tmp_path: Path) -> None:
    table = [["a", "b", "", "  "], [" ", "\n"], ["1", " x "], ["", "", "", ""], ["2", "\t"], [" "]]
    assert csv_of(write_workbook(kind, table, tmp_path / "t")) == b"a,b\n\n1, x \n\n2,\n"


def test_a_dimension_that_is_too_large_or_too_small(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="C9"><v>2</v></c></row>'
    found = [
        csv_of(write_package(tmp_path / "t", xlsx_parts(rows, before=f'<dimension ref="{reference}"/>')))
        for reference in ("A1:XFD1048576", "A1", "B5:B6", "nonsense")
    ]
    assert set(found) == {b"1,,\n\n\n\n\n\n\n\n,,2\n"} or set(found) == {b"1\n\n\n\n\n\n\n\n,,2\n"}
    row = biff12.row(0) + biff12.cell(5, 0, bytes(8))
    parts = biff12.package({"S": biff12.sheet(row, (1_048_575, 16_383))}, [])
    assert csv_of(write_package(tmp_path / "t", parts)) == b"0\n"


def test_one_formatted_cell_in_the_last_corner_is_nothing(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert csv_of(write_package(tmp_path / "t", xlsx_parts(rows))) == b"1\n"
    data = biff12.row(0) + biff12.cell(5, 0, bytes(8)) + biff12.row(1_048_575) + biff12.cell(1, 16_383, b"")
    assert csv_of(write_package(tmp_path / "t", biff12.package({"S": biff12.sheet(data)}, []))) == b"0\n"


def test_a_value_in_the_last_corner_is_a_value(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert csv_of(write_package(tmp_path / "t", xlsx_parts(rows))) == b"1" + b"\n" * 1_048_575 + b"," * 16_383 + b"2\n"


def test_cells_out_of_order_stand_where_they_say(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c><c><v>2</v></c></row>'
    assert csv_of(write_package(tmp_path / "t", xlsx_parts(rows))) == b"1,2,3\n"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="99999999999999"><c><v>1</v></c></row>',
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAAAAAAAAAAAAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="1"><v>1</v></c></row>',
        '<row r="1"><c r="é1"><v>1</v></c></row>',
        '<row r="1"><c t="s"><v>0</v></c></row>',
        '<row r="1"><c t="s"><v>-1</v></c></row>',
        '<row r="1"><c t="s"><v>x</v></c></row>',
        "<row><c><v>1</v></row>",
        "<row>\x01</row>",
        '<row r="1"><v>1</v></row>',
    ],
)
def test_rows_that_cannot_be(rows: str, tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="The workbook is damaged") as caught:
        csv_of(write_package(tmp_path / "t", xlsx_parts(rows)))
    assert caught.value.reason is FailureReason.UNREADABLE_FILE


def test_repeated_cells_of_ods_have_limits(tmp_path: Path) -> None:
    one = '<table:table-cell table:number-columns-repeated="%d" office:value-type="float" office:value="1"/>'
    row = '<table:table-row table:number-rows-repeated="%d">%s</table:table-row>'

    def failure(rows: str) -> str:
        with pytest.raises(JobFailed) as caught:
            csv_of(write_package(tmp_path / "t", opendocument.package(opendocument.table("T", rows))))
        assert caught.value.reason is FailureReason.LIMIT_EXCEEDED
        return str(caught.value)

    assert "16,384 columns" in failure(row % (1, one % 999_999_999))
    assert "1,048,576 rows" in failure(row % (999_999_999, one % 1))
    assert "repeat themselves to more than 200 times" in failure(row % (1_048_576, one % 16_384))
