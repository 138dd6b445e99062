"""Records that cannot become rows are told apart one by one, and their neighbours are not harmed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.chunk import Chunk
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.scan import scan
from import_worker.sources.read import chunk_reader as read_module
from import_worker.sources.read.broken import BadRecord
from import_worker.sources.read.chunk_reader import ChunkData, ChunkReader, pieces

HEADER = ("a", "b", "c")


def chunk_of(data: bytes) -> Chunk:
    return Chunk(1, 0, len(data), 1, len(scan(data, Dialect(), final=True)), 2)


def read(data: bytes, *, pad: bool = False, columns: tuple[int, ...] = (0, 1, 2)) -> ChunkData:
    return ChunkReader(Dialect(), HEADER, columns, pad=pad).read(data, chunk_of(data))


def malformed(row: int, cells: int, raw: str) -> BadRecord:
    return BadRecord(row, Problem(RowErrorType.MALFORMED_ROW, f"Has {cells} cells where the header has 3"), raw)


def test_ragged_records_are_rejected_alone() -> None:
    result = read(b"1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert result.frame.rows() == [(1, "1", "2", "3"), (4, "10", "11", "12")]
    assert result.bad == [malformed(2, 2, "4,5"), malformed(3, 4, "6,7,8,9")]


def test_empty_extra_cells_are_dropped() -> None:
    result = read(b'1,2,3,, \n4,5,6,"",\n7,8,9\n')
    assert result.frame.rows() == [(1, "1", "2", "3"), (2, "4", "5", "6"), (3, "7", "8", "9")]
    assert result.bad == []


def test_missing_cells_are_padded_on_request() -> None:
    result = read(b"1\n2,3\n4,5,6,7\n", pad=True)
    assert result.frame.rows() == [(1, "1", "", ""), (2, "2", "3", "")]
    assert result.bad == [malformed(3, 4, "4,5,6,7")]


def test_every_record_may_be_ragged() -> None:
    result = read(b"1\n2\n")
    assert result.frame.is_empty()
    assert [bad.row for bad in result.bad] == [1, 2]


def test_nul_and_bytes_that_are_not_utf8_blame_their_cell() -> None:
    result = read(b"1,2,3\nx\0y,2,3\n1,\xff\xfe,3\n\xe9,2\n4,5,6\n")
    # Rows with a cell per header stay in the frame, for their other cells; the cell to blame is empty there.
    assert result.frame.rows()[1:3] == [(2, "", "2", "3"), (3, "1", "", "3")]
    assert result.frame["row"].to_list() == [1, 2, 3, 5]
    assert [(bad.row, bad.problem.error_type, bad.column, bad.raw) for bad in result.bad] == [
        (2, "invalid_character", "a", "x\ufffdy"),
        (3, "invalid_character", "b", "\ufffd\ufffd"),
        (4, "invalid_character", "a", "\ufffd"),
        (4, "malformed_row", None, "\ufffd,2"),
    ]


def test_only_the_wanted_columns_are_read() -> None:
    assert read(b"1,2,3\n", columns=(2,)).frame.rows() == [(1, "3")]


def test_stray_quotes_are_text() -> None:
    result = read(b'5" pipe,"6"" pipe","a"b\n"x"y",1,2\n')
    assert result.frame.rows() == [(1, '5" pipe', '6" pipe', "ab"), (2, 'xy"', "1", "2")]


@given(
    st.lists(
        st.sampled_from(
            [
                b"1,2,3\n",
                b"4,5\n",
                b"6,7,8,9\n",
                b"a,b,c,,\n",
                b"\n",
                b'"x\ny",1,2\r\n',
                b"\xff,1,2\n",
                b"\0,1,2\n",
                b"z,1,\0\xff\n",
            ]
        ),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=300, deadline=None)
def test_each_record_is_a_row_or_rejected_once_and_pieces_change_nothing(records: list[bytes]) -> None:
    data = b"".join(records)
    count = sum(record != b"\n" for record in records)
    whole = read(data)
    rows_in, rows_bad = whole.frame["row"].to_list(), {bad.row for bad in whole.bad}
    assert rows_in == sorted(set(rows_in))
    assert rows_bad.union(rows_in) == set(range(1, count + 1))
    reader = ChunkReader(Dialect(), HEADER, (0, 1, 2), pad=False)
    rows, rejected, lines = [], [], []
    before = read_module.PIECE_BYTES
    read_module.PIECE_BYTES = 16
    try:
        for piece in pieces(data, chunk_of(data), Dialect()):
            part = reader.read_piece(piece)
            rows += part.frame.rows()
            rejected += part.bad
            lines += part.lines_of(part.frame["row"].to_numpy()).tolist()
    finally:
        read_module.PIECE_BYTES = before
    assert rows == whole.frame.rows()
    assert rejected == whole.bad
    assert lines == whole.lines_of(whole.frame["row"].to_numpy()).tolist()


def test_a_plan_that_does_not_fit_the_bytes_is_noticed() -> None:
    chunk = replace(chunk_of(b"1,2,3\n"), row_count=2)
    reader = ChunkReader(Dialect(), HEADER, (0,), pad=False)
    with pytest.raises(RuntimeError, match="its plan says 2"):
        reader.read(b"1,2,3\n", chunk)


def test_the_rows_of_a_sheet_may_be_wider_than_its_header_if_nothing_is_there() -> None:
    dialect = Dialect(lines="records")
    data = b'1,2,,\n3,4,,note\n"5\n",6, ,\n7\xfe,8,,\n9,10,x,\n'
    reader = ChunkReader(dialect, ("a", "b", "", ""), (0, 1), pad=False)
    result = reader.read(data, chunk_of(data))
    assert [row[0] for row in result.frame.rows()] == [1, 3, 4]
    assert [(bad.row, bad.problem.error_type, bad.problem.message, bad.raw) for bad in result.bad if bad.row != 4] == [
        (2, "malformed_row", "Has 4 cells where the header has 2", "3,4,,note"),
        (5, "malformed_row", "Has 4 cells where the header has 2", "9,10,x,"),
    ]


def test_a_byte_order_mark_amid_the_file_is_part_of_its_cell() -> None:
    result = read(b"\xef\xbb\xbf1,2,3\n4,5,6\n")
    assert result.frame.rows() == [(1, "\ufeff1", "2", "3"), (2, "4", "5", "6")]
    alone = read(b"\xef\xbb\xbf\n")
    assert alone.frame.is_empty()
    assert alone.bad == [malformed(1, 1, "\ufeff")]
