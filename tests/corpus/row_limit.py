"""An xlsx as large as its format allows: 1,048,576 rows of 13 columns with three million different texts."""

import random
import zipfile
from pathlib import Path

from tests.corpus.package import XML, write_package, xlsx_parts

ROWS, COLUMNS = 1_048_576, 13
_STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
_ROW = (
    '<row r="{0}" spans="1:13"><c r="A{0}"><v>{0}</v></c><c r="B{0}" t="s"><v>{1}</v></c>'
    '<c r="C{0}" t="s"><v>{2}</v></c><c r="D{0}" t="s"><v>{3}</v></c><c r="E{0}" t="s"><v>{4}</v></c>'
    '<c r="F{0}" t="s"><v>{5}</v></c><c r="G{0}" s="1"><v>{6}</v></c><c r="H{0}" s="2"><v>{7:.9f}</v></c>'
    '<c r="I{0}"><v>{8:.2f}</v></c><c r="J{0}"><v>{9!r}</v></c><c r="K{0}" t="b"><v>{10}</v></c>'
    '<c r="L{0}"><v>{11}</v></c><c r="M{0}" s="1"><v>{12}</v></c></row>'
)


def write_row_limit(path: Path, rows: int = ROWS) -> Path:
    """Row 1 is the header; the others hold ids, texts, dates, date-times, numbers and booleans."""
    parts = xlsx_parts("", styles=_STYLES)
    del parts["xl/worksheets/sheet1.xml"]
    write_package(path, parts)
    random_ = random.Random(1)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            header = "".join(f'<c t="s"><v>{column}</v></c>' for column in range(COLUMNS))
            file.write(f'{XML}<worksheet><dimension ref="A1:M{rows}"/><sheetData><row r="1">{header}</row>'.encode())
            for number in range(2, rows + 1):
                texts = COLUMNS + 20 + (number - 2) * 3
                day, moment, share = (
                    random_.randrange(15_000, 45_000),
                    random_.uniform(40_000, 45_000),
                    random_.random(),
                )
                row = _ROW.format(
                    *(number, texts, texts + 1, texts + 2, COLUMNS + number % 20, COLUMNS + number % 7),
                    *(day, moment, share * 1_000, share, number % 2, day % 100, day),
                )
                file.write(row.encode())
            file.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as file:
            file.write(f"{XML}<sst>".encode())
            for column in range(COLUMNS):
                file.write(b"<si><t>column %d</t></si>" % column)
            for category in range(20):
                file.write(b"<si><t>category, %d</t></si>" % category)
            for number in range(2, rows + 1):
                file.write(
                    b"<si><t>Name %d</t></si><si><t>member%d@example.org</t></si><si><t>Street of trees no. %d</t></si>"
                    % (number, number, number)
                )
            file.write(b"</sst>")
    return path
