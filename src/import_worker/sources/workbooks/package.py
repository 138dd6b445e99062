"""Zip archives: unpacks only the parts that are read, and no more than the archive's size allows."""

import contextlib
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.refusals import damaged, encrypted, limit

CHUNK_BYTES = 256 << 10
_MAX_PART_BYTES = 32 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED_FLAG = 0x1
# What zipfile and zlib raise for damaged archives; ValueError also for positions before the start of the file.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    ValueError,
    OverflowError,
    OSError,
)


class Package:
    """Parts of an archive by name, with slashes, ignoring case. Sizes in the archive's directory are not trusted."""

    def __init__(self, path: Path, budget: Budget) -> None:
        """Raises ``JobFailed`` (unreadable_file)."""
        self._budget = budget
        with _damage("its archive has no readable directory"):
            self._archive = zipfile.ZipFile(path)
        self._open = contextlib.ExitStack()
        self._open.enter_context(self._archive)
        self._parts = {normal(info.filename).lower(): info for info in self._archive.infolist()}

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __contains__(self, name: str) -> bool:
        return normal(name).lower() in self._parts

    @property
    def names(self) -> list[str]:
        """Lower-cased."""
        return list(self._parts)

    def stream(self, name: str, *, again: bool = False) -> Iterator[bytes]:
        """A part's bytes in chunks of 256 KiB. ``again``: they have been counted against the budget already.

        Raises ``JobFailed`` (unreadable_file, limit_exceeded), also at the end when the checksum is wrong.
        """
        info = self._parts.get(normal(name).lower())
        if info is None:
            raise damaged(f"its part {name!r} is missing")
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise encrypted()
        if info.compress_type not in _METHODS:
            raise damaged(f"its part {name!r} is packed in a way that workbooks do not use")
        with _damage(f"its part {name!r} cannot be unpacked"):
            part = self._open.enter_context(self._archive.open(info))
        while True:
            with _damage(f"its part {name!r} cannot be unpacked"):
                chunk = part.read(CHUNK_BYTES)
            if not chunk:
                return
            if not again:
                self._budget.count_unpacked(len(chunk))
            yield chunk

    def read(self, name: str) -> bytes:
        """A small part whole. Raises ``JobFailed`` as ``stream`` does."""
        parts, size = [], 0
        for chunk in self.stream(name):
            size += len(chunk)
            if size > _MAX_PART_BYTES:
                raise limit(f"The workbook's part {name!r} is larger than {_MAX_PART_BYTES >> 20} MiB.")
            parts.append(chunk)
        return b"".join(parts)


def normal(name: str) -> str:
    """A part's name in its normal form: some programs write backslashes, or a slash at the start."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/")


@contextlib.contextmanager
def _damage(what: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise damaged(what) from error
