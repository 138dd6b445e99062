"""What becomes of a cell: number formats, numbers, dates of both systems, text, and every kind of workbook alike."""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from import_worker.sources.transcode import ERROR_MARK
from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.cells import Shown, error_cell, formatted_cell, number_cell, text_cell
from import_worker.sources.workbooks.iso import duration_cell, iso_cell
from import_worker.sources.workbooks.kinds import open_workbook
from import_worker.sources.workbooks.number_format import shown, shown_by_id
from import_worker.sources.workbooks.records import blocks
from tests.corpus import biff12
from tests.corpus.opendocument import package, table
from tests.corpus.package import MAIN, write_package, xlsx_parts
from tests.corpus.workbooks import KINDS, ErrorCell, Table, serial, write_workbook


def csv_of(path: Path, sheet: str | None = None) -> bytes:
    """The sheet as the helper process would send it, read in this one."""
    budget = Budget(path.stat().st_size, lambda: None)
    with open_workbook(path, sheet, budget) as (_, rows):
        return b"".join(blocks(rows, budget))


def xlsx_rows(tmp_path: Path, rows: str, **parts: str) -> list[bytes]:
    return csv_of(write_package(tmp_path / "t", xlsx_parts(rows, **parts))).split(b"\n")[:-1]


MOMENT, MIDNIGHT, LATE = map(datetime.fromisoformat, ("2024-02-29 13:45:30", "2000-01-01", "2024-01-01 23:59:59"))
LONG, SHORT = timedelta(hours=36, minutes=5), timedelta(seconds=1)
TABLE: Table = [
    ["id", "name", "number", "day", "moment", "clock", "length", "flag", "error", "ratio"],
    [1, 'Ünï "q", x\ny', 0.1 + 0.2, date(2024, 2, 29), MOMENT, time(7, 8, 9), LONG, True, ErrorCell("#N/A"), 0.25],
    [],
    [10**15, "007", -1234.5, date(1999, 12, 31), MIDNIGHT, time(0), timedelta(0), False, None, 1e-7],
    [0, "1e5", 123456789.125, date(1900, 3, 1), LATE, time(23, 59, 59), SHORT, None, ErrorCell("#DIV/0!"), -1],
    [-7, "=x", None, None, None, None, None, None, None, None],
    [None, "名前 😀 e\u0301"],
]
EXPECTED = """id,name,number,day,moment,clock,length,flag,error,ratio
1,"Ünï ""q"", x
y",0.3,2024-02-29,2024-02-29 13:45:30,07:08:09,36:05:00,TRUE,\udcfe#N/A,0.25

1000000000000000,007,-1234.5,1999-12-31,2000-01-01,00:00:00,00:00:00,FALSE,,0.0000001
0,1e5,123456789.125,1900-03-01,2024-01-01 23:59:59,23:59:59,00:00:01,,\udcfe#DIV/0!,-1
-7,=x,,,,,,,,
,名前 😀 e\u0301,,,,,,,,
""".encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    assert csv_of(write_workbook(kind, TABLE, tmp_path / "t")) == EXPECTED


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_dates_that_count_from_1904(kind: str, tmp_path: Path) -> None:
    path = write_workbook(
        kind, [["d", date(2024, 2, 29), datetime.fromisoformat("1999-01-01 06:00:00")]], tmp_path / "t", date1904=True
    )
    assert csv_of(path) == b"d,2024-02-29,1999-01-01 06:00:00\n"


def test_dates_that_count_from_1904_in_xlsb(tmp_path: Path) -> None:
    rows = biff12.row(0) + biff12.value_cell(0, date(2024, 2, 29), [])
    parts = biff12.package({"S": biff12.sheet(rows)}, [], date1904=True)
    assert csv_of(write_package(tmp_path / "t", parts)) == b"2028-03-01\n"


MOMENTS = st.datetimes(datetime.fromisoformat("1900-03-01")).map(lambda moment: moment.replace(microsecond=0))
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    MOMENTS,
    st.text(st.sampled_from('ab,;"\n\t =0_x1é名😀'), max_size=12),
    st.just(ErrorCell("#REF!")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=6), mark=st.integers(0, 3))
def test_every_kind_gives_the_same_rows_of_any_table(table: list[list[object]], mark: int, tmp_path: Path) -> None:
    table[0] = ["h", *table[0]]
    found = {kind: csv_of(write_workbook(kind, table, tmp_path / f"{kind}{mark}")) for kind in KINDS}
    assert set(found.values()) == {found["xlsx"]}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (1e15, "1000000000000000"), (9007199254740991.0, "9007199254740991"),
        (0.1 + 0.2, "0.3"), (1 / 3, "0.333333333333333"), (2.5, "2.5"), (1e20, "100000000000000000000"),
        (1.5e-9, "0.0000000015"), (1e300, "1E+300"), (12345678901234567890.0, "12345678901234600000"),
        (3.0000000000000004, "3"), (-1e-300, "-1E-300"),
    ],
)  # fmt: skip
def test_numbers(number: float, text: str) -> None:
    assert number_cell(number) == text.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_an_error(number: float) -> None:
    assert number_cell(number) == b"\xfe#NUM!"


@pytest.mark.parametrize(
    ("days", "how", "text"),
    [
        (1, Shown.DATE, "1900-01-01"), (59, Shown.DATE, "1900-02-28"), (60, Shown.DATE, "1900-02-29"),
        (61, Shown.DATE, "1900-03-01"), (0, Shown.DATE, "1900-01-00"), (2958465, Shown.DATE, "9999-12-31"),
        (2958466, Shown.DATE, "2958466"), (-1, Shown.DATE, "-1"), (1e300, Shown.DATE, "1E+300"),
        (45000.5, Shown.DATE, "2023-03-15"), (45000, Shown.DATE_TIME, "2023-03-15"),
        (45000.999999, Shown.DATE_TIME, "2023-03-16"), (45000.25, Shown.DATE_TIME, "2023-03-15 06:00:00"),
        (0.75, Shown.DATE_TIME, "18:00:00"), (0.75, Shown.TIME, "18:00:00"), (45000.75, Shown.TIME, "18:00:00"),
        (1.5, Shown.DURATION, "36:00:00"), (-0.5, Shown.DURATION, "-12:00:00"),
        (float("nan"), Shown.TIME, "\udcfe#NUM!"),
    ],
)  # fmt: skip
def test_serial_numbers(days: float, how: Shown, text: str) -> None:
    assert formatted_cell(float(days), how, False) == text.encode("utf-8", "surrogateescape")  # noqa: FBT003


def test_day_0_of_1904_is_a_day() -> None:
    assert formatted_cell(0.0, Shown.DATE, True) == b"1904-01-01"  # noqa: FBT003
    assert formatted_cell(0.5, Shown.DATE_TIME, True) == b"1904-01-01 12:00:00"  # noqa: FBT003
    assert formatted_cell(2957003.0, Shown.DATE, True) == b"9999-12-31"  # noqa: FBT003
    assert formatted_cell(2957004.0, Shown.DATE, True) == b"2957004"  # noqa: FBT003


@given(MOMENTS)
def test_a_moment_comes_back_from_its_number(moment: datetime) -> None:
    text = str(moment) if moment.time() != time(0) else str(moment.date())
    assert formatted_cell(serial(moment), Shown.DATE_TIME, False) == text.encode()  # noqa: FBT003


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("General", None), ("0.00", None), ("#,##0.00 [$€-407]", None), ("0.00E+00", None), ("0%", None), ("@", None),
        ('"day" 0', None), ('0 "m"', None), ("# ?/?", None), ("[Red]General", None), ("", None), (";;;", None),
        ('#,##0\\ "Std."', None), ("_-* #,##0.00_-", None), ("[h]0", Shown.DURATION), ("\\d0", None),
        ("Standard", None),
        ("yyyy-mm-dd", Shown.DATE), ("m/d/yy", Shown.DATE), ("dd.mm.yyyy;@", Shown.DATE), ("mmm yy", Shown.DATE),
        ("[$-409]d\\-mmm\\-yy;@", Shown.DATE), ("dddd", Shown.DATE), ("mmmm", Shown.DATE), ("mm", Shown.DATE),
        ('yyyy"年"m"月"d"日"', Shown.DATE), ("[$-411]ggge", Shown.DATE), ("[$-F800]dddd, mmmm dd, yyyy", Shown.DATE),
        ("YYYY-MM-DD", Shown.DATE), ("TT.MM.YYYY", Shown.DATE), ("[>40000]yyyy;0", Shown.DATE), ("e/m/d", Shown.DATE),
        ("h:mm", Shown.TIME), ("h:mm AM/PM", Shown.TIME), ("mm:ss.0", Shown.TIME), ("hh:mm:ss.000", Shown.TIME),
        ("[$-F400]h:mm:ss AM/PM", Shown.TIME), ("s", Shown.TIME), ("mm:ss", Shown.TIME), ('h" Uhr"', Shown.TIME),
        ("yyyy-mm-dd hh:mm:ss", Shown.DATE_TIME), ("m/d/yy h:mm", Shown.DATE_TIME),
        ("d. mmm h:mm a/p", Shown.DATE_TIME),
        ("[h]:mm:ss", Shown.DURATION), ("[mm]:ss", Shown.DURATION), ("[ss].00", Shown.DURATION),
        ("[HH]:MM", Shown.DURATION),
    ],
)  # fmt: skip
def test_number_formats(code: str, how: Shown | None) -> None:
    assert shown(code) is how


def test_built_in_number_formats() -> None:
    assert [shown_by_id(number, None) for number in (0, 2, 9, 49)] == [None] * 4
    assert shown_by_id(14, None) is Shown.DATE
    assert shown_by_id(22, None) is Shown.DATE_TIME
    assert shown_by_id(20, None) is Shown.TIME
    assert shown_by_id(46, None) is Shown.DURATION
    assert shown_by_id(14, "0.00") is None  # the workbook's own definition counts


def test_texts() -> None:
    assert text_cell("  a ") == b"  a "
    assert text_cell('a"b') == b'"a""b"'
    assert text_cell("a\rb") == b'"a\rb"'
    assert text_cell(" \t\u00a0") == b""
    assert text_cell("a\0b") == b"a\0b"
    assert text_cell("\ud800") == b"\xed\xa0\x80"
    assert error_cell("#N/A") == b"\xfe#N/A"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2024-02-29", "2024-02-29"), ("2024-02-29T00:00:00", "2024-02-29"),
        ("2024-02-29T13:45", "2024-02-29 13:45:00"),
        ("2024-02-29T23:59:59.6", "2024-03-01"), ("13:45:00", "13:45:00"), ("2024-13-01", "2024-13-01"), ("x", "x"),
        ("2024-02-29T13:45:30Z", "2024-02-29 13:45:30"), ("9999-12-31T23:59:59.9", "9999-12-31T23:59:59.9"),
    ],
)  # fmt: skip
def test_iso_dates(value: str, text: str) -> None:
    assert iso_cell(value) == text.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PT13H45M00S", "13:45:00"), ("PT36H00M00.6S", "36:00:01"), ("-PT1H", "-01:00:00"), ("P1DT1H", "25:00:00"),
        ("PT90S", "00:01:30"), ("P1Y", "P1Y"),
    ],
)  # fmt: skip
def test_durations(value: str, text: str) -> None:
    assert duration_cell(value) == text.encode()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><v>42</v></c>", b"42"),
        ("<c><v>1.0</v></c>", b"1"),
        ("<c><v>1E3</v></c>", b"1000"),
        ("<c><v>0.30000000000000004</v></c>", b"0.3"),
        ("<c><v>007</v></c>", b"7"),
        ("<c><v>12345678901234567890</v></c>", b"12345678901234600000"),
        ("<c><v>1234567890123456</v></c>", b"1234567890123456"),
        ("<c><v>nonsense</v></c>", b"\xfenonsense"),
        ('<c t="n"><v>NaN</v></c>', b"\xfe#NUM!"),
        ('<c t="b"><v>1</v></c>', b"TRUE"),
        ('<c t="b"><v>0</v></c>', b"FALSE"),
        ('<c t="e"><v>#REF!</v></c>', b"\xfe#REF!"),
        ('<c t="str"><f>A1&amp;B1</f><v>a&lt;b</v></c>', b"a<b"),
        ("<c><f>1+1</f><v>2</v></c>", b"2"),
        ('<c t="d"><v>2024-02-29T13:00:00</v></c>', b"2024-02-29 13:00:00"),
        ('<c t="inlineStr"><is><t>007</t></is></c>', b"007"),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t xml:space="preserve"> b</t></r></is></c>', b"a b"),
        ('<c t="inlineStr"><is><t>a</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>', b"a"),
        ('<c t="s"><v>0</v></c>', b"rich text"),
        ('<c t="s"><v>1</v></c>', b"\xe6\x9d\xb1"),
        ('<c t="s"><v>2</v></c>', b'"a\r\nb"'),
        ('<c t="s"><v>3</v></c>', b"_x000D_"),
        ('<c t="s"><v>4</v></c>', "😀".encode()),
        ('<c t="s"><v>5</v></c>', b"a\0b"),
        ('<c t="s"><v>6</v></c>', b"\xed\xa0\xbd"),
        ('<c s="1"><v>45000</v></c>', b"2023-03-15"),
        ('<c s="2"><v>0.5</v></c>', b"0.5"),
        ('<c s="99"><v>5</v></c>', b"5"),
    ],
)
def test_xlsx_cells(cell: str, expected: bytes, tmp_path: Path) -> None:
    shared = (
        '<si><r><t>rich</t></r><r><t xml:space="preserve"> text</t></r></si>'
        "<si><t>東</t><rPh sb='0' eb='1'><t>ヒガシ</t></rPh></si>"
        "<si><t>a_x000D_\nb</t></si><si><t>_x005F_x000D_</t></si><si><t>_xD83D__xDE00_</t></si>"
        "<si><t>a_x0000_b</t></si><si><t>_xD83D_</t></si>"
    )
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="d\\.m\\.yy"/>'
        '<numFmt numFmtId="171" formatCode="0.0&quot;d&quot;"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs><dxfs><dxf/></dxfs>'
    )
    last = '<c t="inlineStr"><is><t>.</t></is></c>'
    rows = xlsx_rows(tmp_path, f"<row>{cell}{last}</row>", shared=shared, styles=styles)
    assert b"\n".join(rows) == expected + b",."


def test_xlsx_with_prefixes_strict_names_and_no_references(tmp_path: Path) -> None:
    parts = xlsx_parts("")
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c>'
        '<x:c t="s"><x:v>0</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    parts["xl/sharedStrings.xml"] = f'<x:sst xmlns:x="{MAIN}"><x:si><x:t>a</x:t></x:si></x:sst>'
    parts["xl/_rels/workbook.xml.rels"] = str(parts["xl/_rels/workbook.xml.rels"], "utf-8").replace(  # type: ignore[arg-type]
        'Target="worksheets/', 'Target="/xl\\worksheets/'
    )
    assert (
        csv_of(write_package(tmp_path / "t", {name.replace("/", "\\"): part for name, part in parts.items()}))
        == b"1,a\n"
    )


def test_merged_cells_have_their_value_in_the_first_and_hidden_rows_count(tmp_path: Path) -> None:
    text = '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>'
    rows = (
        f'<row r="1">{text % ("A1", "title")}<c r="B1" s="1"/><c r="C1"/></row>'
        f'<row r="2" hidden="1">{text % ("A2", "a")}{text % ("B2", "b")}{text % ("C2", "c")}</row>'
    )
    assert xlsx_rows(tmp_path, rows, after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>') == [
        b"title,,",
        b"a,b,c",
    ]


COVERED = '<table:covered-table-cell type="float" value="5"/>'
INNER = '<table:table table:name="inner"><row><cell type="float" value="9"/></row></table:table>'
ABBREVIATED = {
    " type=": " office:value-type=",
    " value=": " office:value=",
    "cell": "table:table-cell",
    "row": "table:table-row",
    "columns": "table:number-columns-repeated",
    "rows": "table:number-rows-repeated",
    "p": "text:p",
}


def long(markup: str) -> str:
    """Abbreviations spelled out."""
    markup = re.sub(r"(?<=[</])(cell|row|p)(?=[ />])", lambda match: ABBREVIATED[match[1]], markup)
    markup = re.sub(r" (columns|rows)=", lambda match: f" {ABBREVIATED[match[1]]}=", markup)
    return re.sub(r" (type|value)=", lambda match: ABBREVIATED[match[0]], markup)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ('<cell type="percentage" value="0.125"><p>12.5%</p></cell>', b"0.125"),
        ('<cell type="currency" office:currency="EUR" value="9.5"><p>9,50 €</p></cell>', b"9.5"),
        ('<cell type="string" office:string-value="x"/>', b"x"),
        ('<cell type="string"><p>a  \n b</p><p>c<text:s text:c="2"/>d<text:tab/><text:line-break/>e</p></cell>',
         b'"a b\nc  d\t\ne"'),
        ('<cell type="string"><p>a<text:span>b</text:span> c</p></cell>', b"ab c"),
        ('<cell type="string"><office:annotation><p>note</p></office:annotation><p>a</p></cell>', b"a"),
        ('<cell type="string"><draw:frame><draw:text-box><p>box</p></draw:text-box></draw:frame><p>a</p></cell>', b"a"),
        ('<cell table:formula="of:=1/0" type="float" value="0"><p>#DIV/0!</p></cell>', b"\xfe#DIV/0!"),
        ('<cell table:formula="of:=X" type="string" calcext:value-type="error"><p>Err:508</p></cell>',
         b"\xfeErr:508"),
        ('<cell type="string"><p>#N/A</p></cell>', b"#N/A"),
        ('<cell type="date" office:date-value="2024-02-29T10:00:00"><p>x</p></cell>', b"2024-02-29 10:00:00"),
        ('<cell type="boolean" office:boolean-value="true"><p>WAHR</p></cell>', b"TRUE"),
        ('<cell columns="3" type="float" value="1"/>', b"1,1,1"),
        ('<cell columns="2"/><cell type="float" value="1"/>', b",,1"),
        (f'<cell type="float" value="1"/>{COVERED}<cell type="float" value="2"/>', b"1,,2"),
        (f'<cell type="float" value="1">{INNER}</cell>', b"1"),
    ],
)  # fmt: skip
def test_ods_cells(cells: str, expected: bytes, tmp_path: Path) -> None:
    last = '<cell type="string"><p>.</p></cell>'
    path = write_package(tmp_path / "t", package(table("T", long(f"<row>{cells}{last}</row>"))))
    assert csv_of(path) == expected + b",.\n"


def test_ods_rows_that_are_repeated(tmp_path: Path) -> None:
    one = '<cell type="float" value="1"/>'
    rows = (
        f"<table:table-header-rows><row>{one}</row></table:table-header-rows>"
        f'<row-group><row rows="3">{one}{one}</row></row-group>'
        f'<row rows="2"><cell columns="16384"/></row>'
        f"<row>{one}</row>"
        f'<row rows="1048569"><cell columns="16384"/></row>'
    )
    changes = (
        "<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell "
        'type="float" value="8"/></table:previous></table:cell-content-change></table:tracked-changes>'
    )
    assert (
        csv_of(write_package(tmp_path / "t", package(changes + table("T", long(rows)))))
        == b"1,\n1,1\n1,1\n1,1\n\n\n1,\n"
    )


def test_xlsb_cells(tmp_path: Path) -> None:
    import struct

    def real(number: float) -> bytes:
        return struct.pack("<d", number)

    def rk(packed: int) -> bytes:
        return struct.pack("<i", packed)

    quarter = struct.unpack("<II", real(0.25))[1]
    cells = [
        (2, rk(-5 << 2 | 2)), (2, rk(1250 << 2 | 3)), (2, struct.pack("<I", quarter)),
        (2, struct.pack("<I", quarter | 1)),
        (5, real(0.1 + 0.2)), (4, b"\1"), (3, b"\x2a"), (3, b"\x99"), (6, biff12.wide("inline")),
        (62, b"\0" + biff12.wide("rich")),
        (8, biff12.wide("text,") + b"\0" * 9), (9, real(7.0) + b"\0" * 9), (10, b"\0" * 9),
        (11, b"\x07" + b"\0" * 9), (1, b""),
        (6, biff12.wide("\ud800")), (7, struct.pack("<I", 0)),
    ]  # fmt: skip
    row = biff12.row(4) + b"".join(biff12.cell(number, column, value) for column, (number, value) in enumerate(cells))
    path = write_package(tmp_path / "t", biff12.package({"S": biff12.sheet(row)}, ["shared"]))
    assert csv_of(path) == (
        b"\n\n\n\n-5,12.5,0.25,0.0025,0.3,TRUE,\xfe#N/A,\xfe#ERROR,inline,rich,"
        b'"text,",7,FALSE,\xfe#DIV/0!,,\xed\xa0\x80,shared\n'
    )


def test_zeros_before_a_number_are_part_of_it_where_its_format_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        padded = book.add_format({"num_format": "00000"})
        for row, number in enumerate((1234, 0, 123456, -5, 1.5)):
            sheet.write_number(row, 0, number, padded)
    assert csv_of(path) == b"01234\n00000\n123456\n-5\n1.5\n"


def test_a_formula_without_a_result_is_an_error_cell(tmp_path: Path) -> None:
    path = tmp_path / "t"
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v></v></c><c r="C1"><f>1+1</f><v>2</v></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><v>5</v></c></row><row r="2"><c r="A2"><f>A1</f></c></row>'
    )
    write_package(path, xlsx_parts(rows))
    error = ERROR_MARK + b"#UNCALCULATED"
    assert csv_of(path) == b"%s,%s,2,,5\n%s,,,,\n" % (error, error, error)
