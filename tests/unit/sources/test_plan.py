"""The plan cuts a file at record ends, and says where each chunk begins."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.plan import SourcePlan, plan_source
from import_worker.sources.read import ChunkReader

CELL = st.text(alphabet='ab ",\n\r\té漢;', max_size=8)
TABLE = st.integers(min_value=2, max_value=4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=30)
)


def plan(data: bytes, chunk_bytes: int = 64, block: int = 17, **options: object) -> SourcePlan:
    blocks = [data[i : i + block] for i in range(0, len(data), block)]
    return plan_source(blocks, JobOptions.parse(options), chunk_bytes)


def write(rows: list[list[str]], newline: str) -> bytes:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in '",\n\r') or not cell else cell

    return "".join(",".join(map(quoted, row)) + newline for row in rows).encode()


@given(TABLE, st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 40), st.integers(1, 200), st.booleans())
@settings(max_examples=500, deadline=None)
def test_what_is_cut_and_read_is_what_was_written(
    rows: list[list[str]], newline: str, block: int, chunk_bytes: int, bom: bool
) -> None:
    header = [f"h{index}" for index in range(len(rows[0]))]
    data = (b"\xef\xbb\xbf" if bom else b"") + write([header, *rows], newline)
    planned = plan(data, chunk_bytes, block)
    reader = ChunkReader(planned.dialect, planned.header, tuple(range(len(header))), pad=False)
    assert planned.sha256 == hashlib.sha256(data).hexdigest()
    assert planned.header == tuple(header)
    assert planned.row_count == len(rows)
    found, numbers = [], []
    for chunk in planned.chunks:
        read = reader.read(data[chunk.first_byte : chunk.end_byte], chunk)
        assert read.rejected == []
        numbers += read.frame["row"].to_list()
        found += [list(row) for row in read.frame.drop("row").rows()]
    assert found == rows
    assert numbers == list(range(1, len(rows) + 1))
    assert [chunk.number for chunk in planned.chunks] == list(range(1, len(planned.chunks) + 1))
    ends = [chunk.end_byte for chunk in planned.chunks]
    assert [chunk.first_byte for chunk in planned.chunks[1:]] == ends[:-1]
    assert ends[-1] == len(data)


def test_lines_count_physical_lines_and_rows_only_records() -> None:
    planned = plan(b'a,b\n\n"x\ny",1\n\n\nz,2\n', chunk_bytes=1)
    assert [(chunk.first_line, chunk.first_row) for chunk in planned.chunks] == [(2, 1), (5, 2)]
    reader = ChunkReader(planned.dialect, planned.header, (0,), pad=False)
    data = b'a,b\n\n"x\ny",1\n\n\nz,2\n'
    lines = []
    for chunk in planned.chunks:
        read = reader.read(data[chunk.first_byte : chunk.end_byte], chunk)
        lines += read.lines_of(read.frame["row"].to_numpy()).tolist()
    assert lines == [3, 7]


def test_the_header_row_can_be_named() -> None:
    planned = plan(b"Members of 2026\n\nname,age\nAda,36\n", header_row=2)
    assert (planned.header, planned.row_count) == (("name", "age"), 1)


@pytest.mark.parametrize(
    ("delimiter", "data"),
    [
        (",", b"a,b;c,d\n1,2;2,3\n"),
        (";", b"a;b;c\n1,5;2;3\n"),
        ("\t", b"a\tb\n1, 2\t3\n"),
        ("|", b"a|b|c\n1|2|3\n"),
        (",", b"a\n1\n"),
    ],
)
def test_the_delimiter_is_found(delimiter: str, data: bytes) -> None:
    assert plan(data).dialect.delimiter == delimiter


def test_options_override_what_is_found() -> None:
    planned = plan(b"a,b;c\n'x;y';2\n", delimiter=";", quote="'")
    assert (planned.header, planned.row_count) == (("a,b", "c"), 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", FailureReason.SOURCE_FILE_EMPTY),
        (b"a,b\n", FailureReason.SOURCE_FILE_EMPTY),
        (b"PK\x03\x04aaaa", FailureReason.UNSUPPORTED_FORMAT),
        ("a,b\n1,2\n".encode("utf-16"), FailureReason.UNSUPPORTED_FORMAT),
        (b'a,b\n1,"2\n3,4\n', FailureReason.UNREADABLE_FILE),
    ],
)
def test_what_cannot_be_planned_says_why(data: bytes, reason: FailureReason) -> None:
    with pytest.raises(JobFailed) as failure:
        plan(data)
    assert failure.value.reason is reason


def test_an_open_quote_names_the_line_of_its_record() -> None:
    with pytest.raises(JobFailed, match="line 3 is never closed"):
        plan(b'a,b\n1,2\n3,"4\n5,6\n')
