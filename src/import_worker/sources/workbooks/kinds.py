"""Detects the kind of a workbook by its content, and opens it with the kind's reader."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.cells import Row
from import_worker.sources.workbooks.ods import open_ods
from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.refusals import SAVE_AS_WORKBOOK, damaged, empty, encrypted, not_a_workbook
from import_worker.sources.workbooks.relations import relations, target_of
from import_worker.sources.workbooks.sheets import Sheet
from import_worker.sources.workbooks.xlsb import open_xlsb
from import_worker.sources.workbooks.xlsx import open_xlsx

_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XLSB_START = b"\x83\x01"  # the record BrtBeginBook
_WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin")
_FOLDERS = {"word/": "a Word document", "ppt/": "a PowerPoint presentation", "visio/": "a Visio drawing"}
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


@contextlib.contextmanager
def open_workbook(path: Path, wanted: str | None, budget: Budget) -> Iterator[tuple[Sheet, Iterator[Row]]]:
    """Opens the chosen sheet: yields it and its rows in order of their numbers. Raises ``JobFailed``, and OSError for
    the file itself."""
    with path.open("rb") as file:
        start = file.read(len(_OLE))
    if not start:
        raise empty("The file is empty; upload a workbook with a header and rows.")
    if start == _OLE:
        # Imported here because loading its library takes as long as reading a small xlsx.
        from import_worker.sources.workbooks.ole import open_ole  # noqa: PLC0415

        with open_ole(path, wanted) as opened:
            yield opened
    elif start.startswith(_ZIP):
        with Package(path, budget) as package:
            yield _open_package(package, wanted)
    else:
        raise not_a_workbook("neither a zip archive nor an old Office document", SAVE_AS_WORKBOOK)


def _open_package(package: Package, wanted: str | None) -> tuple[Sheet, Iterator[Row]]:
    part = _workbook_part(package)
    if part is None:
        _check_open_document(package)
        return open_ods(package, wanted)
    beginning = next(package.stream(part, again=True), b"")
    if beginning.startswith(_XLSB_START):
        return open_xlsb(package, part, wanted)
    return open_xlsx(package, part, wanted)


def _workbook_part(package: Package) -> str | None:
    """The main part of an Office Open XML package, if that is a workbook."""
    for folder, name in _FOLDERS.items():
        if any(part.startswith(folder) for part in package.names) and not any(part in package for part in _WORKBOOKS):
            raise not_a_workbook(name, SAVE_AS_WORKBOOK)
    main = target_of(relations(package, ""), "officeDocument")
    if main and main in package:
        return main
    part = next((part for part in _WORKBOOKS if part in package), None)
    if main and not part:
        raise damaged(f"its part {main!r} is missing")
    return part


def _check_open_document(package: Package) -> None:
    kind = package.read("mimetype").strip() if "mimetype" in package else b""
    if "content.xml" in package and (kind.startswith(_SPREADSHEET) or not kind):
        return
    if kind.startswith(_SPREADSHEET):
        if "encrypted-package" in package:
            raise encrypted()
        raise damaged("its part 'content.xml' is missing")
    if kind.startswith(_OPEN_DOCUMENT):
        raise not_a_workbook("another OpenDocument file", SAVE_AS_WORKBOOK)
    if any(part.endswith(".iwa") for part in package.names):
        raise not_a_workbook("a document of Apple's iWork", "export its table as xlsx or CSV and upload that")
    raise not_a_workbook("a zip archive", "unpack it and upload the table inside")
