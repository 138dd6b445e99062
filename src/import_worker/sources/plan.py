"""The plan of a source file: one pass that hashes it, finds its header, and cuts it into chunks at record ends."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from import_worker.chunk import Chunk
from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.cut import Cutter
from import_worker.sources.detect import SAMPLE_BYTES, detect
from import_worker.sources.dialect import Dialect
from import_worker.sources.header import read_header


@dataclass(frozen=True)
class SourcePlan:
    """``header`` are the header's cells as written, ``header_record`` its bytes; ``sha256`` is hex over the whole
    object."""

    dialect: Dialect
    header: tuple[str, ...]
    header_record: bytes
    sha256: str
    row_count: int
    chunks: tuple[Chunk, ...]


def plan_source(
    blocks: Iterable[bytes],
    options: JobOptions,
    chunk_bytes: int,
    *,
    checkpoint: Callable[[], None] = lambda: None,
) -> SourcePlan:
    """Plans a file from its bytes, in memory of a few blocks whatever its size.

    ``checkpoint`` is called between blocks and may raise to stop. Raises JobFailed ``source_file_empty``,
    ``unsupported_format``, ``unreadable_file``, ``header_missing`` or ``limit_exceeded``. No retry helps.
    """
    digest = hashlib.sha256()
    with _hashing(blocks, digest) as hashed:
        sample, rest = _sample(hashed)
        found = detect(sample, options)
        cutter = Cutter(
            found.dialect,
            start=found.data_start,
            header_row=options.header_row or 1,
            chunk_bytes=chunk_bytes,
        )
        pending = cutter.feed(sample[found.data_start :])
        for block in rest:
            checkpoint()
            pending = cutter.feed(pending + block)
        cutter.feed(pending, final=True)
    if cutter.header is None:
        raise JobFailed(
            FailureReason.HEADER_MISSING,
            f"The file has no record {options.header_row or 1} to be its header; name the right header_row.",
        )
    header = read_header(cutter.header, found.dialect)
    if not cutter.chunks:
        raise JobFailed(FailureReason.SOURCE_FILE_EMPTY, "The file has a header but no rows; upload a file with rows.")
    return SourcePlan(
        dialect=found.dialect,
        header=header,
        header_record=cutter.header,
        sha256=digest.hexdigest(),
        row_count=cutter.row_count,
        chunks=tuple(cutter.chunks),
    )


def read_sample_header(sample: bytes, options: JobOptions) -> tuple[str, ...]:
    """The header as the beginning of a file shows it. Raises JobFailed as ``plan_source`` does; a plan may still find
    more."""
    found = detect(sample, options)
    cutter = Cutter(
        found.dialect, start=found.data_start, header_row=options.header_row or 1, chunk_bytes=len(sample) + 1
    )
    cutter.feed(sample[found.data_start :])
    if cutter.header is None:
        raise JobFailed(FailureReason.HEADER_MISSING, "The beginning of the file holds no header.")
    return read_header(cutter.header, found.dialect)


def _sample(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    sample = b""
    for block in blocks:
        sample += block
        if len(sample) >= SAMPLE_BYTES:
            break
    return sample, blocks


@contextmanager
def _hashing(blocks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[Iterator[bytes]]:
    """Hands the blocks on while another thread hashes them; the digest is complete when the context ends."""

    def through(pool: ThreadPoolExecutor) -> Iterator[bytes]:
        running: Future[None] | None = None
        for block in blocks:
            if running is not None:
                running.result()
            running = pool.submit(digest.update, block)
            yield block

    with ThreadPoolExecutor(1, thread_name_prefix="sha256") as pool:
        yield through(pool)
