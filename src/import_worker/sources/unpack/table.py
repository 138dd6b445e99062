"""From the bytes of a file to the text of its table: decompressed, and taken out of its workbook."""

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
"""A file compressed twice comes from a careless download; more than that is a trick."""


@dataclass(frozen=True)
class Table:
    """``blocks`` are the table's text. ``wrapping`` names what was around it, from the outside (``gzip``, ``xlsx``).

    Of a sheet, the text is UTF-8 with commas and double quotes, a record per row of the sheet.
    """

    blocks: Iterator[bytes]
    wrapping: tuple[str, ...]
    sheet: str | None
    other_sheets: tuple[str, ...] = ()


@contextmanager
def open_table(blocks: Iterable[bytes], sheet: str | None, checkpoint: Callable[[], None]) -> Iterator[Table]:
    """Finds out what the file is and opens it. A workbook is first read to its end, into a temporary file, because its
    directory may stand there.

    Raises JobFailed ``unsupported_format``, ``unreadable_file`` or ``limit_exceeded``, also while the text is read (no
    retry helps), or TransientError when there is no room for a temporary file.
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
    with _spooled(blocks) as path, open_sheet(path, sheet, checkpoint=checkpoint) as (found, text):
        path.unlink()  # it is open by now, and a kill from here on leaves nothing behind
        # The name goes into documents; a damaged one may hold what no database takes.
        others = tuple(_printable(name) for name in found.names if name != found.name)
        yield Table(text, (*wrapping, str(found.kind)), _printable(found.name), others)


@contextmanager
def _spooled(blocks: Iterable[bytes]) -> Iterator[Path]:
    """A temporary file with the blocks in it; whoever uses it may remove it earlier."""
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
    """The first bytes, and all blocks again."""
    taken: list[bytes] = []
    for block in blocks:
        taken.append(block)
        if sum(map(len, taken)) >= SIGNATURE_BYTES:
            break
    return b"".join(taken)[:SIGNATURE_BYTES], chain(taken, blocks)
