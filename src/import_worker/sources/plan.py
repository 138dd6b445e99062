"""Plans a source file: one pass that hashes it, finds its header, and cuts it into chunks at record ends.

Files that cannot be cut as they are (compressed files, workbooks, encodings with several bytes per character) are
written as one UTF-8 text during that pass, and the chunks are cut from this text.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from import_worker.chunk import Chunk
from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.cut.chunks import Cutter
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.detect.beginning import Beginning, close_blocks, decode_header, no_header
from import_worker.sources.detect.header_search import HeaderCounter
from import_worker.sources.detect.late_encoding import OtherEncoding
from import_worker.sources.detect.source_format import SourceFormat
from import_worker.sources.transcode import stream_to_utf8
from import_worker.sources.unpack.table import Table, open_table
from import_worker.sources.workbooks.sheets import quoted

Write = Callable[[bytes], object]


@dataclass(frozen=True)
class SourcePlan:
    """``header`` are the header's cells, ``header_record`` its text; ``sha256`` is the hex digest of the whole object.

    The chunks are byte ranges of the source itself or, if ``normalized``, of the text that was written.
    ``template_rows`` counts the rows of a template that were left out (``sources/cut/template_rows.py``).
    """

    format: SourceFormat
    dialect: Dialect
    normalized: bool
    header: tuple[str, ...]
    header_record: str
    sha256: str
    row_count: int
    chunks: tuple[Chunk, ...]
    template_rows: int = 0


def plan_source(
    open_blocks: Callable[[], Iterable[bytes]],
    options: JobOptions,
    chunk_bytes: int,
    *,
    count_expected: HeaderCounter,
    open_normalized: Callable[[], AbstractContextManager[Write]],
    check_header: Callable[[tuple[str, ...]], object] = lambda _: None,
    checkpoint: Callable[[], None] = lambda: None,
    on_rows: Callable[[int], None] = lambda _: None,
) -> SourcePlan:
    """Plans a file from its bytes. It needs the memory of a few blocks, whatever the file's size.

    ``open_blocks`` starts reading the file; it is called a second time if the encoding turns out to differ from what
    the beginning showed. ``open_normalized`` starts writing the text that chunks are cut from, if one is needed; if its
    context ends with an exception, nothing may be left behind. ``check_header`` may raise to refuse a header before the
    whole file is read. ``checkpoint`` is called between blocks and may raise to stop. ``on_rows`` is called with the
    number of rows found so far. Raises JobFailed ``source_file_empty``, ``unsupported_format``, ``unreadable_file``,
    ``header_missing`` or ``limit_exceeded``. No retry helps.
    """
    source_pass = _SourcePass(options, chunk_bytes, count_expected, open_normalized, check_header, checkpoint, on_rows)
    try:
        return source_pass.plan(open_blocks(), None)
    except OtherEncoding as other:
        return source_pass.plan(open_blocks(), other)


@dataclass(frozen=True)
class _SourcePass:
    """One reading of a file; the parameters are those of ``plan_source``."""

    options: JobOptions
    chunk_bytes: int
    count_expected: HeaderCounter
    open_normalized: Callable[[], AbstractContextManager[Write]]
    check_header: Callable[[tuple[str, ...]], object]
    checkpoint: Callable[[], None]
    on_rows: Callable[[int], None]

    def plan(self, blocks: Iterable[bytes], known: OtherEncoding | None) -> SourcePlan:
        """``known`` is the encoding that an earlier pass found, if it differs from what the beginning shows."""
        digest = hashlib.sha256()
        with ExitStack() as stack:
            stack.callback(close_blocks, blocks)
            hashed = stack.enter_context(_hashing(self._checked(blocks), digest))
            table = stack.enter_context(open_table(hashed, self.options.sheet, self.checkpoint))
            beginning = Beginning.of(table, self.options, self.count_expected, known)
            self._check(beginning.header, table)
            text, dialect = beginning.found.text, beginning.dialect
            readable = _without_first(beginning.watch(beginning.blocks), text.bom_bytes)
            start = text.bom_bytes if beginning.in_place else 0
            if not beginning.in_place:
                write = stack.enter_context(self.open_normalized())
                readable = _written(stream_to_utf8(readable, text.encoding), write)
            cutter = Cutter(dialect, start=start, header_row=text.header_row, chunk_bytes=self.chunk_bytes)
            self._feed(cutter, readable)
            if cutter.header is None:
                raise no_header(text.header_row)
            record, header = decode_header(cutter.header, dialect)
            if not cutter.chunks:
                raise JobFailed(
                    FailureReason.SOURCE_FILE_EMPTY, "The file has a header but no rows; upload a file with rows."
                )
        return SourcePlan(
            format=beginning.found,
            dialect=dialect,
            normalized=not beginning.in_place,
            header=header,
            header_record=record,
            sha256=digest.hexdigest(),
            row_count=cutter.row_count,
            chunks=tuple(cutter.chunks),
            template_rows=cutter.template_rows,
        )

    def _check(self, header: tuple[str, ...], table: Table) -> None:
        try:
            self.check_header(header)
        except JobFailed as failure:
            if not table.other_sheets:
                raise
            hint = f"This is the sheet {table.sheet!r}; name another one with the option sheet: "
            hint += f"{quoted(table.other_sheets)}."
            raise JobFailed(failure.reason, f"{failure} {hint}", **failure.details) from None

    def _checked(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.checkpoint()
            yield block

    def _feed(self, cutter: Cutter, blocks: Iterable[bytes]) -> None:
        pending = b""
        for block in blocks:
            pending = cutter.feed(pending + block)
            self.on_rows(cutter.row_count)
        cutter.feed(pending, final=True)


def _written(blocks: Iterable[bytes], write: Write) -> Iterator[bytes]:
    for block in blocks:
        write(block)
        yield block


def _without_first(blocks: Iterable[bytes], count: int) -> Iterator[bytes]:
    for block in blocks:
        yield block[count:]
        count = max(count - len(block), 0)


@contextmanager
def _hashing(blocks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[Iterator[bytes]]:
    """Yields the blocks on while another thread hashes them; the digest is complete when the context ends."""

    def through(pool: ThreadPoolExecutor) -> Iterator[bytes]:
        running: Future[None] | None = None
        for block in blocks:
            if running is not None:
                running.result()
            running = pool.submit(digest.update, block)
            yield block

    with ThreadPoolExecutor(1, thread_name_prefix="sha256") as pool:
        yield through(pool)
