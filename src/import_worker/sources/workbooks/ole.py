"""OLE documents: old Excel workbooks (xls), and other old Office documents."""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]

from import_worker.sources.workbooks.cells import Row
from import_worker.sources.workbooks.refusals import SAVE_AS_WORKBOOK, damaged, encrypted, not_a_workbook
from import_worker.sources.workbooks.sheets import Sheet
from import_worker.sources.workbooks.xls import DiscardedOutput, open_xls

_STREAMS = {
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__properties_version1.0": "an Outlook message",
    "VisioDocument": "a Visio drawing",
}


@contextlib.contextmanager
def open_ole(path: Path, wanted: str | None) -> Iterator[tuple[Sheet, Iterator[Row]]]:
    """As ``open_workbook``."""
    _check_streams(path)
    with open_xls(path, wanted) as opened:
        yield opened


def _check_streams(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        try:
            names = {node.name for node in CompDoc(memory, logfile=DiscardedOutput()).dirlist}
        except CompDocError as error:
            raise damaged(str(error)) from error
    if "EncryptedPackage" in names:
        raise encrypted()
    if not names & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        found = next((what for name, what in _STREAMS.items() if name in names), "another Office document")
        raise not_a_workbook(found, SAVE_AS_WORKBOOK)
