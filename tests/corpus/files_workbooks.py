"""Workbooks: what a person sees in their cells, which sheet, and what is wrong with them."""

import gzip
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from tests.corpus import opendocument, stock
from tests.corpus.file_case import Failure, FileCase, RowError
from tests.corpus.package import ole_file, write_package, xlsx_parts
from tests.corpus.workbooks import KINDS, ErrorCell, Table, write_sheets

_OF_SHEET: dict[str, Any] = {"headerRow": 1}
_STOCK: Table = [
    stock.TABLE[0],
    ["Kühlschrank", 3, date(2024, 5, 1), True, "Größe geändert"],
    ["007", 12.0, datetime(2024, 5, 2), False, None],  # noqa: DTZ001
    ["Steel ladder", 0.5, None, None, 'In two parts, "as is"\nand late'],
    ["Lamp", "x", "2024-02-30", True, "fine"],
    ["Théière", 1200, date(2024, 5, 4), False, "déjà payé"],
]
_FEW: Table = [["article", "quantity"], ["Lamp", 1]]
_RUGS: Table = [["article", "quantity"], ["Rug", 2]]
LAMP, RUG = {"article": "Lamp", "quantity": 1}, {"article": "Rug", "quantity": 2}
# A cell of each kind under the header that says what it is.
_SEEN: Table = [
    ["whole", "large", "tenth", "long", "text", "day", "moment", "hour", "yes", "percent"],
    [23.0, 1e15, 0.1, 0.1 + 0.2, "007", date(2024, 2, 29), datetime(2024, 2, 29, 13, 5, 59), time(7, 30), True, 0.25],  # noqa: DTZ001
]
_SEEN_TEXTS = {
    "whole": "23",
    "large": "1000000000000000",
    "tenth": "0.1",
    "long": "0.3",
    "text": "007",
    "day": "2024-02-29",
    "moment": "2024-02-29 13:05:59",
    "hour": "07:30:00",
    "yes": "TRUE",
    "percent": "0.25",
}


def workbook(
    kind: str, sheets: Mapping[str, Table], *, hidden: Sequence[str] = (), date1904: bool = False
) -> Callable[[], bytes]:
    return _written(lambda path: write_sheets(kind, sheets, path, hidden=hidden, date1904=date1904))


def stock_workbook(kind: str) -> Callable[[], bytes]:
    return workbook(kind, {"Sheet1": _STOCK})


def _written(write: Callable[[Path], object]) -> Callable[[], bytes]:
    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file")
            write(path)
            return path.read_bytes()

    return make


def _texts(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"key": name, "type": "text"} for name in names]


def _kinds() -> Iterator[FileCase]:
    for kind in KINDS:
        found = {"wrapping": [kind], "sheet": "Sheet1", **_OF_SHEET}
        yield FileCase(
            kind,
            stock_workbook(kind),
            stock.PAYLOADS,
            stock.errors(of_sheet=True),
            found=found,
            file_name=f"file.{kind}",
        )
        yield FileCase(
            f"{kind} named .csv", stock_workbook(kind), stock.PAYLOADS, stock.errors(of_sheet=True), found=found
        )
        yield FileCase(
            f"what a person sees in {kind}",
            workbook(kind, {"Sheet1": _SEEN}),
            [_SEEN_TEXTS],
            fields=_texts(list(_SEEN_TEXTS)),
        )
        yield FileCase(
            f"errors in cells of {kind}",
            workbook(
                kind,
                {
                    "Sheet1": [
                        ["article", "quantity", "other"],
                        ["Lamp", 1, ErrorCell("#N/A")],
                        ["Lamp", ErrorCell("#DIV/0!"), None],
                        [ErrorCell("#REF!"), "x", 3],
                        ["Rug", 2, "#N/A"],
                        ["#N/A", 3, None],
                    ]
                },
            ),
            [LAMP, RUG, {"article": "#N/A", "quantity": 3}],
            [
                RowError(2, 3, "quantity", "error_cell", "#DIV/0!"),
                RowError(3, 4, "quantity", "invalid_number", "x"),
                RowError(3, 4, "article", "error_cell", "#REF!"),
            ],
        )
        yield FileCase(
            f"titles, empty rows and phantom rows in {kind}",
            workbook(
                kind,
                {
                    "Sheet1": [
                        ["Stock list of the spring"],
                        [],
                        ["article", "quantity", "note"],
                        ["Lamp", 1, None],
                        [],
                        ["Lamp", "y", "in two\nlines"],
                        ["Rug", 2],
                        *[["", None, " "] for _ in range(50)],
                        [],
                    ]
                },
            ),
            [LAMP, RUG],
            [RowError(2, 6, "quantity", "invalid_number", "y")],
            found={"headerRow": 3},
        )


def _sheets() -> Iterator[FileCase]:
    both = {"Lamps": _FEW, "Rugs": _RUGS}
    for kind in KINDS:
        yield FileCase(f"first sheet of {kind}", workbook(kind, both), [LAMP], found={"sheet": "Lamps"})
        yield FileCase(
            f"named sheet of {kind}", workbook(kind, both), [RUG], found={"sheet": "Rugs"}, options={"sheet": "Rugs"}
        )
        yield FileCase(
            f"first sheet of {kind} that is not hidden",
            workbook(kind, both, hidden=["Lamps"]),
            [RUG],
            found={"sheet": "Rugs"},
        )
        yield FileCase(
            f"hidden sheet of {kind}, named in other case",
            workbook(kind, both, hidden=["Lamps"]),
            [LAMP],
            found={"sheet": "Lamps"},
            options={"sheet": " lamps"},
        )
    yield FileCase(
        "a sheet that is not there",
        workbook("xlsx", both),
        failure=Failure("unreadable_file", "no sheet named 'Chairs'; name one of these: 'Lamps', 'Rugs'"),
        options={"sheet": "Chairs"},
    )
    yield FileCase(
        "a sheet without rows",
        workbook("xlsx", {"Notes": [], "Lamps": _FEW}),
        failure=Failure("source_file_empty", "'Notes' has no rows; name another one with the option sheet: 'Lamps'"),
    )
    yield FileCase(
        "a sheet with a header only",
        workbook("ods", {"Lamps": [["article", "quantity"]]}),
        failure=Failure("source_file_empty", "a header but no rows"),
    )
    yield FileCase(
        "the header's row in a sheet",
        workbook("xls", {"Sheet1": [["article", "quantity"], ["Chair", 1], [], ["article", "quantity"], ["Lamp", 1]]}),
        [LAMP],
        found={"headerRow": 4},
        options={"header_row": "4"},
    )
    yield FileCase(
        "an option for text does not trouble a sheet",
        workbook("xlsx", {"Sheet1": _FEW}),
        [LAMP],
        options={"delimiter": ";", "quote": "single", "encoding": "cp1252"},
    )


def _cells() -> Iterator[FileCase]:
    days: Table = [["article", "day"], ["Lamp", date(2024, 2, 29)], ["Rug", datetime(1999, 12, 31, 23, 59)]]  # noqa: DTZ001
    for kind in ("xlsx", "xls"):
        yield FileCase(
            f"days counted from 1904 in {kind}",
            workbook(kind, {"Sheet1": days}, date1904=True),
            [{"article": "Lamp", "day": "2024-02-29"}, {"article": "Rug", "day": "1999-12-31"}],
        )
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>article</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>quantity</t></is></c></row>'
        '<row r="3"><c r="A3" t="str"><f>"La"&amp;"mp"</f><v>Lamp</v></c><c r="B3"><f>1+1</f><v>2</v></c></row>'
        '<row r="4"><c r="A4" t="inlineStr"><is><r><t>Ru</t></r><r><t>g</t></r></is></c><c r="B4"><v>4</v></c></row>'
    )
    yield FileCase(
        "values that formulas have computed",
        _written(lambda path: write_package(path, xlsx_parts(rows))),
        [{"article": "Lamp", "quantity": 2}, {"article": "Rug", "quantity": 4}],
        found={"wrapping": ["xlsx"]},
    )
    yield FileCase(
        "gzip of a workbook",
        lambda: gzip.compress(stock_workbook("xlsx")()),
        stock.PAYLOADS,
        stock.errors(of_sheet=True),
        found={"wrapping": ["gzip", "xlsx"], "sheet": "Sheet1"},
    )
    many: Table = [["article", "quantity"], *(["Lamp", number if number % 400 else "x"] for number in range(1, 2_001))]
    yield FileCase(
        "rows and lines of a long sheet",
        workbook("xlsx", {"Sheet1": many}),
        [{"article": "Lamp", "quantity": number} for number in range(1, 2_001) if number % 400],
        [RowError(number, number + 1, "quantity", "invalid_number", "x") for number in range(400, 2_001, 400)],
    )
    wide: Table = [[*(f"c{number}" for number in range(2_000)), "article"], [*([1] * 2_000), "Lamp"]]
    yield FileCase(
        "a sheet of 2,001 columns",
        workbook("xlsx", {"Sheet1": wide}),
        failure=Failure("limit_exceeded", "2,001 columns, more than the 2,000"),
    )


def _protected_xls(path: Path) -> None:
    """An xls workbook whose stream says, behind its first record, that what follows is encrypted."""
    import xlwt  # type: ignore[import-untyped]
    from xlwt.CompoundDoc import XlsDoc  # type: ignore[import-untyped]

    book = xlwt.Workbook()
    book.add_sheet("Sheet1").write(0, 0, "article")
    stream = book.get_biff_data()
    end = 4 + int.from_bytes(stream[2:4], "little")
    protection = b"\x2f\0\x36\0\x01\0\x01\0\x01\0" + bytes(48)  # [MS-XLS] 2.4.117 FilePass, RC4
    XlsDoc().save(str(path), stream[:end] + protection + stream[end:])


def _protected_ods() -> dict[str, bytes | str]:
    entry = (
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        "<manifest:encryption-data/></manifest:file-entry>"
    )
    return {**opendocument.package("", manifest=entry), "content.xml": bytes(range(256)) * 8}


def _wrong() -> Iterator[FileCase]:
    protected = Failure("unreadable_file", "protected by a password; save it without one")
    secret = bytes(range(256)) * 40
    yield FileCase(
        "a password-protected xlsx named .csv",
        _written(lambda path: ole_file("EncryptedPackage", secret, path)),
        failure=protected,
    )
    yield FileCase("a password-protected xls named .csv", _written(_protected_xls), failure=protected)
    yield FileCase(
        "a password-protected ods named .csv",
        _written(lambda path: write_package(path, _protected_ods())),
        failure=protected,
    )
    yield FileCase(
        "an old Word document named .xls",
        _written(lambda path: ole_file("WordDocument", secret, path)),
        failure=Failure("unsupported_format", "a Word document"),
        file_name="file.xls",
    )
    for kind in KINDS:
        for share in (0.3, 0.9):
            yield FileCase(
                f"{kind} cut off at {share:.0%}",
                lambda kind=kind, share=share: _cut(stock_workbook(kind)(), share),  # type: ignore[misc]
                failure=Failure("unreadable_file", "damaged"),
            )
    yield FileCase(
        "an xlsx with a damaged sheet",
        lambda: _damaged(stock_workbook("xlsx")()),
        failure=Failure("unreadable_file", "damaged"),
    )
    yield FileCase(
        "an xlsx whose sheet is not XML",
        _written(lambda path: write_package(path, xlsx_parts("<row><c></row>"))),
        failure=Failure("unreadable_file", "damaged"),
    )


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _damaged(data: bytes) -> bytes:
    """With some bytes of the sheet's compressed data changed."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        info = package.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    return data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 8]) + data[at + 8 :]


CASES: tuple[FileCase, ...] = (*_kinds(), *_sheets(), *_cells(), *_wrong())
