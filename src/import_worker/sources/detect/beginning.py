"""Detects a file's format, its header and the dialect to read it with, from the beginning of the file. Pure."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.cut.chunks import Cutter
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import read_header
from import_worker.sources.cut.template_rows import WORD
from import_worker.sources.detect.header_search import HeaderCounter
from import_worker.sources.detect.late_encoding import EncodingWatch, OtherEncoding
from import_worker.sources.detect.sniff import detect_text
from import_worker.sources.detect.source_format import SourceFormat
from import_worker.sources.detect.text_format import Sureness, TextFormat
from import_worker.sources.transcode import UTF8, reads_in_place, stream_to_utf8, to_utf8
from import_worker.sources.unpack.table import Table, open_table

SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Beginning:
    """What the beginning of a table shows. ``blocks`` are all of its blocks, including the beginning. ``in_place``:
    whether chunks can be cut from the file itself. ``watch`` passes blocks on and raises OtherEncoding."""

    found: SourceFormat
    dialect: Dialect
    header: tuple[str, ...]
    in_place: bool
    blocks: Iterator[bytes]
    watch: Callable[[Iterator[bytes]], Iterator[bytes]]

    @classmethod
    def of(
        cls, table: Table, options: JobOptions, count_expected: HeaderCounter, known: OtherEncoding | None
    ) -> "Beginning":
        sample, complete, blocks = _sample(table.blocks)
        if table.sheet is not None:
            options = options.model_copy(update={"delimiter": ",", "quote": '"', "encoding": "utf-8"})
        elif known is not None:
            options = options.model_copy(update={"encoding": known.encoding})
        text = detect_text(sample, options, complete=complete, count_expected=count_expected)
        if known is not None:
            text = replace(text, sure={**text.sure, "encoding": known.sure})
        _refuse_guess(text)
        in_place = not table.wrapping and reads_in_place(text.encoding)
        dialect = Dialect(
            delimiter=text.delimiter,
            quote=text.quote,
            encoding=text.encoding if in_place else "utf-8",
            backslash=text.backslash,
            spaced=text.spaced,
            lines="physical" if table.sheet is None else "records",
        )
        readable = sample[text.bom_bytes :]
        if not in_place:
            readable = b"".join(stream_to_utf8([readable], text.encoding))
        dialect = replace(dialect, template=WORD.encode() in readable)
        header = _find_header(readable, dialect, text.header_row, complete=complete)
        watch = EncodingWatch(sample, text)
        return cls(
            found=SourceFormat(table.wrapping, table.sheet, text),
            dialect=replace(dialect, width=len(header)),
            header=header,
            in_place=in_place,
            blocks=blocks,
            watch=watch.watch if options.encoding is None else iter,
        )


def read_beginning(
    blocks: Iterable[bytes], options: JobOptions, *, count_expected: HeaderCounter
) -> tuple[SourceFormat, tuple[str, ...]]:
    """The format and the header as the beginning of a file shows them; the rest of the file may still turn out to have
    another encoding. Raises JobFailed as ``plan_source`` does."""
    with ExitStack() as stack:
        stack.callback(close_blocks, blocks)
        table = stack.enter_context(open_table(blocks, options.sheet, lambda: None))
        beginning = Beginning.of(table, options, count_expected, None)
        return beginning.found, beginning.header


def close_blocks(blocks: Iterable[bytes]) -> None:
    """Closes the blocks if they have a ``close``, as those have that a thread reads ahead. If this were left to the
    garbage collector, it might wait for the thread at a moment when that is a deadlock."""
    close = getattr(blocks, "close", None)
    if close is not None:
        close()


def _refuse_guess(text: TextFormat) -> None:
    """Raises JobFailed for an encoding that is only guessed: a wrong one puts wrong letters into names, which nobody
    would notice before they are in the tables."""
    if text.sure["encoding"] is Sureness.GUESS and text.encoding not in UTF8:
        raise JobFailed(
            FailureReason.UNREADABLE_FILE,
            f"The file's encoding is not clear; it may be {text.encoding}. Name it with the option encoding, or save"
            " the file as UTF-8.",
        )


def _find_header(sample: bytes, dialect: Dialect, header_row: int, *, complete: bool) -> tuple[str, ...]:
    cutter = Cutter(dialect, start=0, header_row=header_row, chunk_bytes=len(sample) + 1)
    cutter.feed(sample, final=complete)
    if cutter.header is None:
        if not complete and not any(end in sample for end in b"\r\n"):
            raise JobFailed(
                FailureReason.UNSUPPORTED_FORMAT,
                "The first megabyte of the file has no line end; upload a table with a record on each line.",
            )
        raise no_header(header_row)
    return decode_header(cutter.header, dialect)[1]


def decode_header(record: bytes, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The header's text, and its cells."""
    text = to_utf8(record, dialect.encoding).decode("utf-8", "surrogateescape")
    return text, read_header(text, dialect)


def no_header(header_row: int) -> JobFailed:
    return JobFailed(
        FailureReason.HEADER_MISSING,
        f"The first megabyte of the file has no record {header_row:,} to be its header; name the right header_row.",
    )


def _sample(blocks: Iterator[bytes]) -> tuple[bytes, bool, Iterator[bytes]]:
    """The first SAMPLE_BYTES, whether they are the whole file, and all blocks from the first one on."""
    taken: list[bytes] = []
    size = 0
    for block in blocks:
        taken.append(block)
        size += len(block)
        if size > SAMPLE_BYTES:
            break
    return b"".join(taken)[:SAMPLE_BYTES], size <= SAMPLE_BYTES, chain(taken, blocks)
