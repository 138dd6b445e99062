"""Cutting a text into chunks: whatever blocks it comes in, every row is in one chunk, and positions are those of the
file."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.cut.chunks import Cutter, check_size
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.limits import MAX_FILE_BYTES, MAX_RECORD_BYTES

CELLS = st.text(alphabet='ab ,"\n\r', max_size=6)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=30)


def write(rows: list[list[str]], newline: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows([["h1", "h2"], *rows])
    return out.getvalue()


def cut(data: bytes, chunk_bytes: int, block_bytes: int, *, start: int = 0, header_row: int = 1) -> Cutter:
    cutter = Cutter(Dialect(), start=start, header_row=header_row, chunk_bytes=chunk_bytes)
    rest = b""
    for position in range(start, len(data), block_bytes):
        rest = cutter.feed(rest + data[position : position + block_bytes])
    assert cutter.feed(rest, final=True) == b""
    return cutter


def lines_before(data: bytes, byte: int) -> int:
    """Physical lines that end before ``byte``: at LF, CRLF or CR."""
    return data[:byte].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")


@given(
    rows=ROWS, newline=st.sampled_from(["\n", "\r\n"]), chunk_bytes=st.integers(1, 80), block_bytes=st.integers(1, 90)
)
def test_chunks_hold_every_row_once_whatever_the_blocks(
    rows: list[list[str]], newline: str, chunk_bytes: int, block_bytes: int
) -> None:
    data = write(rows, newline).encode()
    cutter = cut(data, chunk_bytes, block_bytes)
    assert cutter.header == data[: len('"h1","h2"' + newline)]
    assert cutter.row_count == sum(chunk.row_count for chunk in cutter.chunks) == len(rows)
    end, row, read = len(cutter.header or b""), 1, []
    for number, chunk in enumerate(cutter.chunks, start=1):
        assert (chunk.number, chunk.first_byte, chunk.first_row) == (number, end, row)
        assert chunk.first_line == lines_before(data, chunk.first_byte) + 1
        text = data[chunk.first_byte : chunk.end_byte].decode()
        records = list(csv.reader(io.StringIO(text, newline="")))
        assert len(records) == chunk.row_count
        read += records
        end, row = chunk.end_byte, row + chunk.row_count
    assert read == rows
    assert end == len(data) or not cutter.chunks


@given(rows=ROWS, block_bytes=st.integers(1, 90))
def test_a_chunk_is_no_longer_than_asked_for_but_by_its_last_record(rows: list[list[str]], block_bytes: int) -> None:
    data = write(rows, "\n").encode()
    longest = max((len(write([row], "\n")) for row in rows), default=0)
    for chunk in cut(data, 40, block_bytes).chunks:
        assert chunk.end_byte - chunk.first_byte <= 40 + longest


def test_what_stands_before_the_header_and_empty_lines_are_no_rows() -> None:
    data = b"\xef\xbb\xbfa report\n\nh1,h2\n\n1,2\n\n3,4\n\n"
    cutter = cut(data, 1, 5, start=3, header_row=3)
    assert cutter.header == b"h1,h2\n"
    assert [(each.first_row, each.row_count) for each in cutter.chunks] == [(1, 1), (2, 1)]
    assert [data[each.first_byte : each.end_byte].split() for each in cutter.chunks] == [[b"1,2"], [b"3,4"]]


def test_a_file_of_a_header_alone_has_no_chunk() -> None:
    cutter = cut(b"h1,h2\n", 10, 10)
    assert (cutter.header, cutter.chunks, cutter.row_count) == (b"h1,h2\n", [], 0)


def test_a_file_that_ends_before_its_header_has_none() -> None:
    assert cut(b"one\ntwo\n", 10, 3, header_row=3).header is None


def test_a_record_beyond_the_limit_fails_with_its_line() -> None:
    cutter = Cutter(Dialect(quote=None), start=0, header_row=1, chunk_bytes=100)
    rest = cutter.feed(b"h1\n1\n2\n" + b"x" * MAX_RECORD_BYTES)
    with pytest.raises(JobFailed, match="line 4 is longer than 16 MiB") as failure:
        cutter.feed(rest + b"x\n")
    assert failure.value.reason is FailureReason.LIMIT_EXCEEDED


def test_a_file_beyond_the_limit_fails_before_it_is_read() -> None:
    check_size(MAX_FILE_BYTES)
    with pytest.raises(JobFailed, match="larger than 1 TiB") as failure:
        check_size(MAX_FILE_BYTES + 1)
    assert failure.value.reason is FailureReason.LIMIT_EXCEEDED
