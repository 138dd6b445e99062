"""gzip and zstd as streams, in blocks of bounded size. Pure."""

from collections.abc import Iterable, Iterator
from typing import cast

import zstandard
from isal import isal_zlib

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.limits import MAX_RATIO, RATIO_FREE_BYTES
from import_worker.sources.unpack.container import Container

BLOCK_BYTES = 1024 * 1024

_DAMAGE = cast("type[Exception]", isal_zlib.error)  # its stub says that it is an exception, not a class

_ZSTD_STEP_BYTES = 1024
"""zstandard cannot limit its output, so its input is limited: four bytes may decompress to 128 KiB (RFC 8878,
3.1.1.2)."""
_ZSTD_MAX_WINDOW_BYTES = 1 << 27
"""The default limit of the zstd command (--long=27)."""


def decompress(blocks: Iterable[bytes], container: Container) -> Iterator[bytes]:
    """Decompresses the blocks, in blocks of about BLOCK_BYTES; members and frames are joined.

    Raises JobFailed ``unreadable_file`` when the data is damaged or cut off, and ``limit_exceeded`` when the result is
    too large for its compressed size. No retry helps.
    """
    steps = _gunzip(blocks) if container is Container.GZIP else _unzstd(blocks)
    size = 0
    buffer = bytearray()
    for taken, piece in steps:
        size += len(piece)
        if size > max(RATIO_FREE_BYTES, MAX_RATIO * taken):
            raise JobFailed(
                FailureReason.LIMIT_EXCEEDED,
                f"The file decompresses to more than {MAX_RATIO} times its size; upload it uncompressed, in parts.",
            )
        buffer += piece
        if len(buffer) >= BLOCK_BYTES:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _gunzip(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yields decompressed pieces, each with the number of bytes consumed so far. Zeros behind a member are padding."""
    member = isal_zlib.decompressobj(wbits=31)
    taken, begun = 0, False
    try:
        for block in blocks:
            data = block
            while data:
                if not begun:
                    data = data.lstrip(b"\0") if taken else data
                    if not data:
                        break
                    member, begun = isal_zlib.decompressobj(wbits=31), True
                piece = member.decompress(data, BLOCK_BYTES)
                left = member.unused_data if member.eof else member.unconsumed_tail
                taken += len(data) - len(left)
                data, begun = left, not member.eof
                yield taken, piece
    except _DAMAGE as error:
        raise _damaged("gzip") from error
    if begun:
        raise _cut_off("gzip")


def _unzstd(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """As ``_gunzip``."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_MAX_WINDOW_BYTES)
    frame = decompressor.decompressobj()
    taken, begun = 0, False
    try:
        for block in blocks:
            for start in range(0, len(block), _ZSTD_STEP_BYTES):
                data = block[start : start + _ZSTD_STEP_BYTES]
                while data:
                    if not begun:
                        frame, begun = decompressor.decompressobj(), True
                    piece = frame.decompress(data)
                    left = frame.unused_data if frame.eof else b""
                    taken += len(data) - len(left)
                    data, begun = left, not frame.eof
                    yield taken, piece
    except zstandard.ZstdError as error:
        raise _damaged("zstd") from error
    if begun:
        raise _cut_off("zstd")


def _damaged(kind: str) -> JobFailed:
    return JobFailed(
        FailureReason.UNREADABLE_FILE, f"The file's {kind} data is damaged; compress it again and upload that."
    )


def _cut_off(kind: str) -> JobFailed:
    return JobFailed(
        FailureReason.UNREADABLE_FILE,
        f"The file's {kind} data ends in the middle (a broken upload?); upload the whole file again.",
    )
