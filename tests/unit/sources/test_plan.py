"""The plan cuts a file at record ends, and says where each chunk begins."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.plan import SourcePlan, plan_source
from import_worker.sources.read.chunk_reader import ChunkReader

CELL = st.text(alphabet='ab ",\n\r\té漢;', max_size=8)
TABLE = st.integers(min_value=2, max_value=4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=30)
)


def plan(data: bytes, chunk_bytes: int = 64, block: int = 17, **options: object) -> SourcePlan:
    return normalize(data, chunk_bytes, block, **options)[0]


def normalize(data: bytes, chunk_bytes: int = 64, block: int = 17, **options: object) -> tuple[SourcePlan, bytes]:
    """The plan, and the bytes that its chunks are ranges of."""
    written = bytearray()

    @contextmanager
    def open_normalized() -> Iterator[Callable[[bytes], object]]:
        written.clear()
        yield written.extend

    planned = plan_source(
        lambda: (data[i : i + block] for i in range(0, len(data), block)),
        JobOptions.parse(options),
        chunk_bytes,
        count_expected=lambda _: 0,
        open_normalized=open_normalized,
    )
    return planned, bytes(written) if planned.normalized else data


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
    planned = plan(data, chunk_bytes, block, encoding="utf-8", delimiter=",", quote='"', header_row=1)
    reader = ChunkReader(planned.dialect, planned.header, tuple(range(len(header))), pad=False)
    assert planned.sha256 == hashlib.sha256(data).hexdigest()
    assert planned.header == tuple(header)
    assert planned.row_count == len(rows)
    found, numbers = [], []
    for chunk in planned.chunks:
        read = reader.read(data[chunk.first_byte : chunk.end_byte], chunk)
        assert read.bad == []
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
    planned = plan(b"Members of 2026\n\nname,age\nAda,36\n", header_row=3)
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
        (b"%PDF-1.7 and so on", FailureReason.UNSUPPORTED_FORMAT),
        (b"name,age\nt\xca\x8ak\xe0q,1\n", FailureReason.UNREADABLE_FILE),  # letters that make no words
    ],
)
def test_what_cannot_be_planned_says_why(data: bytes, reason: FailureReason) -> None:
    with pytest.raises(JobFailed) as failure:
        plan(data)
    assert failure.value.reason is reason


def test_a_stray_quote_costs_its_record_and_no_other() -> None:
    planned = plan(b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert planned.row_count == 4


def test_a_guessed_encoding_is_not_trusted_but_a_given_one_is() -> None:
    data = b"name,age\nt\xca\x8ak\xe0q,1\n"
    with pytest.raises(JobFailed, match="may be cp1252"):
        plan(data)
    assert plan(data, encoding="cp1252").row_count == 1


def test_a_file_that_begins_in_ascii_may_go_on_in_another_encoding() -> None:
    begun = b"name,age\n" + b"Anna,12\n" * 140_000
    planned, readable = normalize(begun + "Renée,36\n".encode("cp1252"), chunk_bytes=1 << 20, block=1 << 18)
    assert (planned.dialect.encoding, planned.format.text.sure["encoding"]) == ("cp1252", "likely")
    assert not planned.normalized
    reader = ChunkReader(planned.dialect, planned.header, (0,), pad=False)
    last = planned.chunks[-1]
    assert reader.read(readable[last.first_byte : last.end_byte], last).frame["c0"][-1] == "Renée"
    planned, _ = normalize(begun + "Renée,36\n".encode(), chunk_bytes=1 << 20, block=1 << 18)
    assert planned.dialect.encoding == "utf-8"
    planned, readable = normalize(begun + ("山田太郎,36\n" * 9).encode("cp932"), chunk_bytes=1 << 20, block=1 << 18)
    assert (planned.format.text.encoding, planned.normalized) == ("cp932", True)
    assert readable.endswith("山田太郎,36\n".encode())
