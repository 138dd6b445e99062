"""Turns the bytes of a file into the text of its table: decompresses it, and extracts it from its workbook."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from import_worker.errors import FailureReason, JobFailed, TransientError
from import_worker.sources.unpack.container import SIGNATURE_BYTES, Container, detect_container
from import_worker.sources.workbooks.workbook import open_sheet

_MAX_WRAPPINGS = 2
"""A file may be compressed twice by mistake; more than that is an attack."""


@dataclass(frozen=True)
class Table:
    """``blocks`` are the table's text. ``wrapping`` names the formats around it, the outermost first (``gzip``,
    ``xlsx``).

    The text of a sheet is UTF-8 with commas and double quotes, a record per row of the sheet.
    """

    blocks: Iterator[bytes]
    wrapping: tuple[str, ...]
    sheet: str | None
    other_sheets: tuple[str, ...] = ()


@contextmanager
def open_table(blocks: Iterable[bytes], sheet: str | None, checkpoint: Callable[[], None]) -> Iterator[Table]:
    """Detects the file's kind and opens it. A workbook is first copied into a temporary file, because its directory may
    be at its end.

    Raises JobFailed ``unsupported_format``, ``unreadable_file`` or ``limit_exceeded``, also while the text is read (no
    retry helps), or TransientError when there is no room for a temporary file (a retry may help).
    """
    wrapping: list[str] = []
    while True:
        beginning, blocks = _beginning(iter(blocks))
        container = detect_container(beginning)
        if container is Container.PLAIN or container is Container.WORKBOOK:
            break
        wrapping.append(str(container))
        if len(wrapping) > _MAX_WRAPPINGS:
            raise JobFailed(
                FailureReason.UNSUPPORTED_FORMAT,
                f"The file is compressed more than {_MAX_WRAPPINGS} times over; decompress it and upload the table.",
            )
        from import_worker.sources.unpack.decompress import decompress  # noqa: PLC0415  (most files need neither library)

        blocks = decompress(blocks, container)
    if container is Container.PLAIN:
        yield Table(blocks, tuple(wrapping), None)
        return
    with _spool(blocks) as path, open_sheet(path, sheet, checkpoint=checkpoint) as (found, text):
        path.unlink()  # the helper process has opened it, so from here on a kill leaves no file behind
        # The names are stored in documents; a damaged name may hold characters that no database accepts.
        others = tuple(_printable(name) for name in found.names if name != found.name)
        yield Table(text, (*wrapping, str(found.kind)), _printable(found.name), others)


@contextmanager
def _spool(blocks: Iterable[bytes]) -> Iterator[Path]:
    """Writes the blocks into a temporary file, which exists while the context lasts; the caller may remove it
    earlier."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="import-worker-"))
            path = Path(folder, "workbook")
            with path.open("wb") as file:
                file.writelines(blocks)
        except OSError as error:
            raise TransientError(
                f"The workbook does not go into a temporary file ({error.strerror}); free some space, or name another"
                " folder with TMPDIR."
            ) from error
        yield path


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def _beginning(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first SIGNATURE_BYTES, and all blocks from the first one on."""
    taken: list[bytes] = []
    for block in blocks:
        taken.append(block)
        if sum(map(len, taken)) >= SIGNATURE_BYTES:
            break
    return b"".join(taken)[:SIGNATURE_BYTES], chain(taken, blocks)
