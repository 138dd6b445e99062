"""A small writer of xlsb packages: no library writes them. Records are named in [MS-XLSB] 2.3."""

import struct
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tests.corpus.package import CONTENT_TYPES_START, OFFICE, XML, relationships

FORMATS = {
    date: (1, "yyyy\\-mm\\-dd"),
    datetime: (2, "yyyy-mm-dd hh:mm:ss"),
    time: (3, "hh:mm:ss"),
    timedelta: (4, "[h]:mm:ss"),
}
ERROR_CODES = {
    "#NULL!": 0x00,
    "#DIV/0!": 0x07,
    "#VALUE!": 0x0F,
    "#REF!": 0x17,
    "#NAME?": 0x1D,
    "#NUM!": 0x24,
    "#N/A": 0x2A,
}


def record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size = len(data)
    length = b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + data


def wide(text: str) -> bytes:
    data = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(data) // 2) + data


def cell(number: int, column: int, value: bytes, style: int = 0) -> bytes:
    return record(number, struct.pack("<II", column, style) + value)


def row(index: int) -> bytes:
    """``index`` from 0."""
    return record(0, struct.pack("<IIH", index, 0, 300) + bytes(3) + struct.pack("<I", 0))


def sheet(rows: bytes, last: tuple[int, int] = (0, 0)) -> bytes:
    """``last`` is the declared last row and column."""
    dimension = record(148, struct.pack("<IIII", 0, last[0], 0, last[1]))
    return record(129) + dimension + record(145) + rows + record(146) + record(130)


def strings(texts: Sequence[str]) -> bytes:
    items = b"".join(record(19, b"\0" + wide(text)) for text in texts)
    return record(159, struct.pack("<II", len(texts), len(texts))) + items + record(160)


def styles() -> bytes:
    formats = b"".join(record(44, struct.pack("<H", 163 + number) + wide(code)) for number, code in FORMATS.values())
    cell_formats = b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 164, 165, 166, 167))
    return (
        record(278)
        + record(615, struct.pack("<I", 4))
        + formats
        + record(616)
        + record(617, struct.pack("<I", 5))
        + cell_formats
        + record(618)
        + record(279)
    )


def package(
    sheets: dict[str, bytes], texts: Sequence[str], hidden: Sequence[str] = (), *, date1904: bool = False
) -> dict[str, bytes]:
    """The parts of a workbook: sheets by name as ``sheet`` makes them."""
    bundle = b"".join(
        record(156, struct.pack("<II", name in hidden, number) + wide(f"rId{number}") + wide(name))
        for number, name in enumerate(sheets, 1)
    )
    properties = record(153, struct.pack("<II", date1904, 0) + wide(""))
    related = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.bin") for number in range(1, len(sheets) + 1)}
    related |= {"rIdStyles": ("styles", "styles.bin"), "rIdTexts": ("sharedStrings", "sharedStrings.bin")}
    types = (
        f'{XML}{CONTENT_TYPES_START}<Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    return {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": relationships({"rId1": ("officeDocument", "xl/workbook.bin")}, OFFICE),
        "xl/workbook.bin": record(131) + properties + record(143) + bundle + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": relationships(related, OFFICE),
        "xl/styles.bin": styles(),
        "xl/sharedStrings.bin": strings(texts),
        **{f"xl/worksheets/sheet{number}.bin": data for number, data in enumerate(sheets.values(), 1)},
    }


def value_cell(column: int, value: object, texts: list[str]) -> bytes:
    """``value`` as in ``workbooks.write_workbook``; text is appended to ``texts``."""
    if value is None:
        return b""
    if isinstance(value, str):
        texts.append(value)
    number, data, style = _content(value, len(texts) - 1)
    return cell(number, column, data, style)


def _content(value: object, text_index: int) -> tuple[int, bytes, int]:
    """The record's number, its data and the style."""
    from tests.corpus.workbooks import ErrorCell, serial

    match value:
        case ErrorCell(text):
            return 3, bytes([ERROR_CODES[text]]), 0
        case bool():
            return 4, bytes([value]), 0
        case int() if abs(value) < 1 << 28:
            return 2, struct.pack("<i", value << 2 | 2), 0
        case int() | float():
            return 5, struct.pack("<d", value), 0
        case str():
            return 7, struct.pack("<I", text_index), 0
        case _:
            return 5, struct.pack("<d", serial(value)), FORMATS[type(value)][0]
