"""A submitted file: a path, a pipe or standard input, which can be read several times."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from import_worker.errors import UsageError
from import_worker.sources.limits import MAX_FILE_BYTES

STANDARD_INPUT = Path("-")
BLOCK_BYTES = 4 * 1024 * 1024
ROOM_LEFT_BYTES = 256 * 1024 * 1024
"""How much of the temporary folder stays free for others while a pipe is spooled there."""


@dataclass(frozen=True)
class IncomingFile:
    """An open file. ``name`` is its name in the store, without a folder."""

    name: str
    size_bytes: int
    _file: IO[bytes]

    def blocks(self) -> Iterator[bytes]:
        """The whole file, from the beginning at each call. Raises UsageError when it cannot be read."""
        try:
            self._file.seek(0)
            while block := self._file.read(BLOCK_BYTES):
                yield block
        except OSError as error:
            raise UsageError(f"The file {self.name} cannot be read ({error.strerror}).") from None


def check_kind(path: Path) -> None:
    """Raises UsageError for a path that names nothing, a folder, a device or a socket. ``-`` and pipes are accepted."""
    if path == STANDARD_INPUT:
        return
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}; name the file to import.") from None
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read ({error.strerror}).") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; name one file in it.")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        kind = "a socket" if stat.S_ISSOCK(mode) else "a device"
        raise UsageError(f"{path} is {kind}; name a file, or pipe one in and name `-`.")


@contextmanager
def open_incoming(path: Path, standard_input: BinaryIO | None) -> Iterator[IncomingFile]:
    """Opens the file. A pipe is spooled to a temporary file first, which nobody else can open and which is deleted when
    the context or the process ends.

    ``standard_input`` is None where the program has none. Raises UsageError.
    """
    check_kind(path)
    with ExitStack() as stack:
        if path == STANDARD_INPUT:
            if standard_input is None:
                raise UsageError("Standard input is closed; pipe the file in, or name it.")
            if standard_input.isatty():
                raise UsageError("Standard input is a terminal; pipe the file in, or name it.")
            file, name = stack.enter_context(_spool(standard_input)), "stdin"
        else:
            try:
                file = stack.enter_context(path.open("rb"))
            except OSError as error:
                raise UsageError(f"The file {path} cannot be read ({error.strerror}).") from None
            name = path.name
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                file = stack.enter_context(_spool(file))
        yield IncomingFile(name, os.fstat(file.fileno()).st_size, file)


@contextmanager
def _spool(pipe: IO[bytes], room_bytes: int | None = None) -> Iterator[IO[bytes]]:
    """Spools the pipe to a temporary file. ``room_bytes``: the most that it may take; by default what is free in the
    temporary folder, less ROOM_LEFT_BYTES."""
    folder = tempfile.gettempdir()
    try:
        if room_bytes is None:
            room_bytes = shutil.disk_usage(folder).free - ROOM_LEFT_BYTES
        room_bytes = min(room_bytes, MAX_FILE_BYTES)
        with tempfile.TemporaryFile(prefix="import-worker-") as file:
            while block := pipe.read(BLOCK_BYTES):
                if file.tell() + len(block) > room_bytes:
                    raise UsageError(
                        f"More comes through the pipe than the {max(room_bytes, 0):,} bytes for which the temporary"
                        f" folder {folder} has room; save it to a file and name that, or name a roomier folder with"
                        " TMPDIR."
                    )
                file.write(block)
            file.flush()
            yield file
    except OSError as error:
        raise UsageError(
            f"What comes through the pipe does not go into the temporary folder {folder} ({error.strerror}); save it to"
            " a file and name that, or name another folder with TMPDIR."
        ) from None
