"""The scan finds the records that a slow reading finds, however the bytes are cut."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from import_worker.sources.cut import quotes
from import_worker.sources.cut import scan as scan_module
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.scan import Records, scan
from tests.twin.records import SlowRecord, read_records

DIALECT = Dialect()
LONGEST_CELL = 30
# Dense in everything that means something to a scanner.
TEXT = st.text(alphabet='ab,";\n\r \\', max_size=60)
LINES = st.lists(
    st.sampled_from(
        [
            "a,b,c\n",
            "a,b,c\na,b,c\nd,e,f\n",
            'a,"b,c\n',
            'a,"b",c\r\n',
            'a,"b\nb",c\n',
            'a,b,"c""\n',
            '"a\n',
            'a"b,c,d\n',
            '"",b,c\n',
            "x,y\r",
            "__meta__,b,c\n",
            '"# example, e",b\r\n',
            '  "# description",b\n',
            '"__meta__\nb\n',
            "# exampl,b\n",
            "a,__meta__\n",
        ]
    ),
    max_size=12,
).map("".join)
DIALECTS = st.builds(
    Dialect,
    quote=st.sampled_from(['"', '"', None]),
    backslash=st.booleans(),
    spaced=st.booleans(),
    width=st.sampled_from([None, 2, 3]),
    template=st.booleans(),
)


@pytest.fixture(autouse=True)
def _small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that short texts reach them."""
    monkeypatch.setattr(quotes, "MAX_RECORD_BYTES", LONGEST_CELL)
    monkeypatch.setattr(scan_module, "_WINDOW_BYTES", 4)


def found(data: bytes, records: Records) -> list[SlowRecord]:
    broken = set(records.broken.tolist())
    spans = zip(records.starts.tolist(), records.ends.tolist(), strict=True)
    return [SlowRecord(data[start:end].decode(), index in broken) for index, (start, end) in enumerate(spans)]


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
    records = scan(data, DIALECT, final=True)
    assert (len(records), records.broken.tolist()) == (count, [])


def test_empty_lines_are_no_records_but_have_their_place() -> None:
    records = scan(b"\na\n\r\n\nb\n", DIALECT, final=True)
    assert (records.ordinals.tolist(), records.total) == ([1, 4], 5)


@pytest.mark.parametrize(
    "data",
    [
        b'1,2,3\n4,"5,6\n7,8,9\n',  # nothing ends it
        b'1,2,3\n4,"5,6\n7,"8",9\n',  # what ends it was to open a cell
        b'1,2,3\n4,"5,6\n"7",8,9\n',
        b'1,2,3\n4,"5,6\n7,"8\n8",9\n',
        b'1,2,3\n4,"5,6\n7,8,9\n7,8,9\n7,8,9\n7,8",9\n',  # it swallows whole records of the file's width
    ],
)
def test_a_stray_quote_costs_its_line(data: bytes) -> None:
    records = scan(data, Dialect(width=3), final=True)
    broken = [data[int(records.starts[index]) : int(records.ends[index])] for index in records.broken]
    assert broken == [b'4,"5,6\n']
    assert found(data, records)[2].text.startswith(("7", '"7"'))


def test_a_long_cell_with_commas_in_its_prose_is_none() -> None:
    data = b'1,"Mix:\na, b, c\nd, e, f\nWell",3\n'
    assert scan(data, Dialect(width=3), final=True).broken.tolist() == []


def test_of_a_sheet_a_line_is_a_row() -> None:
    records = scan(b'a,"x\ny"\n\nb,c\n', Dialect(lines="records"), final=True)
    assert [records.lines_before(int(start)) for start in records.starts] == [0, 2]


def test_without_quotes_every_newline_ends_a_record() -> None:
    assert len(scan(b'"a\nb"\n', Dialect(quote=None), final=True)) == 2


def test_template_rows_have_their_place_like_empty_lines() -> None:
    data = b'a,b\n# description | x,\n1,2\n"# example\n1",x\n3,4\n__meta__:1,\n'
    records = scan(data, Dialect(template=True), final=True)
    assert [data[s:e] for s, e in zip(records.starts, records.ends, strict=True)] == [b"a,b\n", b"1,2\n", b"3,4\n"]
    assert (records.ordinals.tolist(), records.total, len(records.template_starts)) == ([0, 2, 4], 6, 3)
    assert [records.lines_before(int(start)) for start in records.starts] == [0, 2, 5]
    assert len(scan(data, Dialect(), final=True)) == 6


def test_a_stray_quote_in_a_template_row_is_nobody_elses() -> None:
    data = b'__meta__,"x\n1,2\n'
    records = scan(data, Dialect(template=True), final=True)
    assert (len(records), records.broken.tolist(), len(records.template_starts)) == (1, [], 1)


@given(TEXT | LINES, DIALECTS)
@example('1,"2\n3\n"4",5\n', Dialect(width=3))
@settings(max_examples=1_000, deadline=None)
def test_it_finds_the_records_of_a_slow_reading(text: str, dialect: Dialect) -> None:
    data = text.encode()
    assert found(data, scan(data, dialect, final=True)) == read_records(text, dialect, longest_cell=LONGEST_CELL)


@given(TEXT | LINES)
@settings(max_examples=300, deadline=None)
def test_without_stray_quotes_it_finds_the_records_of_the_csv_module(text: str) -> None:
    data = text.encode()
    records = scan(data, DIALECT, final=True)
    if len(records.broken):
        return  # the csv module takes the rest of the file for a cell
    each = [next(csv.reader(io.StringIO(record.text, newline=""))) for record in found(data, records)]
    assert each == [record for record in csv.reader(io.StringIO(text, newline="")) if record]


@given(TEXT | LINES, DIALECTS, st.integers(min_value=1, max_value=9))
@settings(max_examples=1_000, deadline=None)
def test_cutting_the_bytes_anywhere_changes_nothing(text: str, dialect: Dialect, block: int) -> None:
    data = text.encode()
    whole = scan(data, dialect, final=True)
    pending, records = b"", []
    pieces = [data[i : i + block] for i in range(0, len(data), block)]
    for index, piece in enumerate(pieces):
        pending += piece
        part = scan(pending, dialect, final=index == len(pieces) - 1)
        records += found(pending, part)
        pending = pending[part.consumed :]
    assert records == found(data, whole)


@given(TEXT | LINES, DIALECTS, st.data())
@settings(max_examples=700, deadline=None)
def test_from_any_record_on_the_same_records_are_found(text: str, dialect: Dialect, draw: st.DataObject) -> None:
    data = text.encode()
    whole = scan(data, dialect, final=True)
    if not len(whole):
        return
    first = draw.draw(st.integers(0, len(whole) - 1))
    last = draw.draw(st.integers(first, len(whole) - 1))
    part = data[int(whole.starts[first]) : int(whole.ends[last])]
    assert found(part, scan(part, dialect, final=True)) == found(data, whole)[first : last + 1]


@given(TEXT | LINES, DIALECTS, st.data())
@settings(max_examples=300)
def test_records_taken_out_are_those_that_a_scan_of_their_bytes_finds(
    text: str, dialect: Dialect, draw: st.DataObject
) -> None:
    data = text.encode()
    whole = scan(data, dialect, final=True)
    if not len(whole):
        return
    first = draw.draw(st.integers(0, len(whole) - 1))
    last = draw.draw(st.integers(first + 1, len(whole)))
    taken = whole.between(first, last)
    alone = scan(data[int(whole.starts[first]) : int(whole.ends[last - 1])], dialect, final=True)
    for name in ("starts", "ends", "broken", "newlines", "openings", "template_starts", "template_ends"):
        assert getattr(taken, name).tolist() == getattr(alone, name).tolist(), name
    assert (len(taken), taken.consumed) == (len(alone), alone.consumed)
