"""Zip packages of parts, for workbooks that no library would write."""

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CONTENT_TYPES_START = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
_ALL_XML = '<Default Extension="xml" ContentType="application/xml"/>'
_ONE_SHEET = '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'


def write_package(path: Path, parts: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def relationships(related: Mapping[str, tuple[str, str]], namespace: str = OFFICE) -> bytes:
    """Kind and target by id."""
    items = "".join(
        f'<Relationship Id="{key}" Type="{namespace}/{kind}" Target="{target}"/>'
        for key, (kind, target) in related.items()
    )
    start = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return f"{XML}{start}{items}</Relationships>".encode()


def xlsx_parts(
    rows: str,
    *,
    before: str = "",
    after: str = "",
    shared: str | None = None,
    styles: str = "",
    workbook: str = "",
    namespace: str = MAIN,
) -> dict[str, str | bytes]:
    """An xlsx of one sheet: ``rows`` is the content of ``sheetData``, ``shared`` of ``sst``, ``styles`` of its
    element."""
    names = f'xmlns="{namespace}" xmlns:r="{OFFICE}"'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f"{XML}{CONTENT_TYPES_START}{_ALL_XML}</Types>",
        "_rels/.rels": relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f"{XML}<workbook {names}>{workbook}{_ONE_SHEET}</workbook>",
        "xl/_rels/workbook.xml.rels": relationships(
            {
                "rId1": ("worksheet", "worksheets/sheet1.xml"),
                "rId2": ("styles", "styles.xml"),
                "rId3": ("sharedStrings", "sharedStrings.xml"),
            }
        ),
        "xl/worksheets/sheet1.xml": f"{XML}<worksheet {names}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>",
        "xl/styles.xml": f"{XML}<styleSheet {names}>{styles}</styleSheet>",
    }
    if shared is not None:
        parts["xl/sharedStrings.xml"] = f"{XML}<sst {names}>{shared}</sst>"
    return parts


def ole_file(stream: str, data: bytes, path: Path) -> Path:
    """An OLE compound document whose one stream has this name."""
    from xlwt.CompoundDoc import XlsDoc  # type: ignore[import-untyped]

    XlsDoc().save(str(path), data)
    content = bytearray(path.read_bytes())
    old, new = "Workbook".encode("utf-16-le"), stream.encode("utf-16-le")
    at = content.index(old)
    content[at : at + 64] = new.ljust(64, b"\0")
    struct.pack_into("<H", content, at + 64, len(new) + 2)
    path.write_bytes(content)
    return path
