"""The scan finds the same records as Python's csv module, however the bytes are cut."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.sources.dialect import Dialect
from import_worker.sources.scan import scan

DIALECT = Dialect()
# Dense in everything that means something to a scanner.
TEXT = st.text(alphabet='ab,";\n\r ', max_size=60)


def records_by_csv(text: str) -> list[list[str]]:
    """What Python's csv module reads, without empty lines. A quote left open at the end reads on to the end there."""
    return [record for record in csv.reader(io.StringIO(text, newline=""), strict=False) if record]


def test_a_quoted_newline_is_no_record_end() -> None:
    data = b'a,"x\ny",b\nc\n'
    records = scan(data, DIALECT, final=True)
    assert [data[s:e] for s, e in zip(records.starts, records.ends, strict=True)] == [b'a,"x\ny",b\n', b"c\n"]
    assert records.lines_before(int(records.starts[1])) == 2


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"", 0),
        (b"\n\r\n\r", 0),
        (b"a", 1),
        (b"a\rb\r\nc\nd", 4),
        (b'5" pipe,x\n6" pipe,y\n', 2),
        (b'"a"b"c,d\n"e\nf"\n', 2),
        (b'"a""b"\n""\n"""\n"\n', 3),
        (b',"\n",\n', 1),
    ],
)
def test_records_are_counted(data: bytes, count: int) -> None:
    assert len(scan(data, DIALECT, final=True)) == count


def test_a_quote_left_open_is_told_and_takes_no_record() -> None:
    records = scan(b'a\nb,"c\nd\n', DIALECT, final=True)
    assert (len(records), records.open_quote, records.consumed) == (1, 4, 2)


def test_without_quotes_every_newline_ends_a_record() -> None:
    assert len(scan(b'"a\nb"\n', Dialect(quote=None), final=True)) == 2


@given(TEXT)
@settings(max_examples=1_500, deadline=None)
def test_it_finds_the_records_of_the_csv_module(text: str) -> None:
    data = text.encode()
    records = scan(data, DIALECT, final=True)
    if records.open_quote is not None:
        return  # refused by the plan; the csv module would take the rest of the file for a cell
    found = [records_by_csv(data[start:end].decode()) for start, end in zip(records.starts, records.ends, strict=True)]
    assert found == [[record] for record in records_by_csv(text)]


@given(TEXT, st.integers(min_value=1, max_value=9))
@settings(max_examples=1_500, deadline=None)
def test_cutting_the_bytes_anywhere_changes_nothing(text: str, block: int) -> None:
    data = text.encode()
    whole = scan(data, DIALECT, final=True)
    position, pending, starts = 0, b"", []
    pieces = [data[i : i + block] for i in range(0, len(data), block)]
    for index, piece in enumerate(pieces):
        pending += piece
        part = scan(pending, DIALECT, final=index == len(pieces) - 1)
        starts += [position + int(start) for start in part.starts]
        position += part.consumed
        pending = pending[part.consumed :]
    assert starts == whole.starts.tolist()
