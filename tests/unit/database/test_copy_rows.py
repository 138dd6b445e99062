"""Rows in COPY's binary format, byte by byte."""

import struct

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_worker.database.copy_rows import RowTemplate, joined, matrix_values, prefixed

Column = bytes | None


def decode(data: bytes) -> list[list[Column]]:
    """Reads rows as PostgreSQL's manual describes them: a count of columns (int16), then each column's length (int32,
    -1 for null) and bytes."""
    rows, place = list[list[Column]](), 0
    while place < len(data):
        (count,) = struct.unpack_from(">h", data, place)
        place += 2
        row: list[Column] = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", data, place)
            place += 4
            assert length >= -1
            row.append(None if length < 0 else data[place : place + length])
            place += max(length, 0)
        rows.append(row)
    assert place == len(data)
    return rows


def _ids(*numbers: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.frombuffer(b"".join(number.to_bytes(16, "big") for number in numbers), np.uint8).reshape(-1, 16)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b"\xff\xff\xff\xff"),
        (b"", b"\x00\x00\x00\x00"),
        (b"\x00", b"\x00\x00\x00\x01\x00"),
        (b"x" * 300, b"\x00\x00\x01\x2c" + b"x" * 300),
    ],
)
def test_a_column_is_its_length_and_itself(value: Column, written: bytes) -> None:
    assert prefixed(value) == written


def test_one_row_to_the_byte() -> None:
    template = RowTemplate(columns=4, mark=b"\x01", tail=prefixed(b"ab") + prefixed(None))
    rows = bytes(template.rows(_ids(1), pl.Series(['{"a":1}'])))
    assert rows == (
        b"\x00\x04"
        b"\x00\x00\x00\x10" + (1).to_bytes(16, "big") + b"\x00\x00\x00\x08\x01"
        b'{"a":1}'
        b"\x00\x00\x00\x02ab"
        b"\xff\xff\xff\xff"
    )


@given(st.lists(st.tuples(st.integers(0, (1 << 128) - 1), st.text()), min_size=1, max_size=40), st.binary(max_size=3))
def test_each_row_has_its_id_and_document_and_what_all_have(rows: list[tuple[int, str]], mark: bytes) -> None:
    documents = pl.Series([text for _, text in rows], dtype=pl.String)
    template = RowTemplate(columns=3, mark=mark, tail=prefixed(b"same"))
    written = decode(bytes(template.rows(_ids(*(number for number, _ in rows)), documents)))
    assert written == [[number.to_bytes(16, "big"), mark + text.encode(), b"same"] for number, text in rows]


@given(
    st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.text(), st.text()), min_size=1, max_size=40),
    st.sampled_from([4, 8]),
)
def test_columns_of_a_fixed_width_come_before_texts(rows: list[tuple[int, str, str]], width: int) -> None:
    numbers = np.array([number for number, _, _ in rows]).astype(f">i{width}").view(np.uint8).reshape(-1, width)
    ids = _ids(*range(len(rows)))
    texts = [pl.Series([row[place] for row in rows], dtype=pl.String) for place in (1, 2)]
    front = matrix_values((4).to_bytes(2, "big"), ids, numbers)
    assert decode(bytes(joined(front, texts, b""))) == [
        [place.to_bytes(16, "big"), number.to_bytes(width, "big", signed=True), first.encode(), second.encode()]
        for place, (number, first, second) in enumerate(rows)
    ]


def test_a_slice_of_documents_is_written_as_itself() -> None:
    documents = pl.Series(["first", "second", "third", "fourth"])[1:3]
    template = RowTemplate(columns=2, mark=b"", tail=b"")
    assert [row[1] for row in decode(bytes(template.rows(_ids(2, 3), documents)))] == [b"second", b"third"]


def test_documents_in_several_buffers_are_one_text() -> None:
    documents = pl.concat([pl.Series(["a", "bb"]), pl.Series(["ccc"])], rechunk=False)
    template = RowTemplate(columns=2, mark=b"\x01", tail=b"")
    assert [row[1] for row in decode(bytes(template.rows(_ids(1, 2, 3), documents)))] == [
        b"\x01a",
        b"\x01bb",
        b"\x01ccc",
    ]


def test_no_rows_are_no_bytes() -> None:
    template = RowTemplate(columns=2, mark=b"\x01", tail=prefixed(b"x"))
    none = np.empty((0, 16), np.uint8)
    assert bytes(template.rows(none, pl.Series([], dtype=pl.String))) == b""
