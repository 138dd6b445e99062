"""Lines of ``rejected.csv``: the record as it stands in the source, its row number, and what is wrong with it."""

import codecs
from typing import Any

import pytest

from import_worker.importing.rejected_records import RejectedRecords, format_cells
from import_worker.sources.cut.dialect import Dialect
from tests.support.attempts import make_unstored_job


def records(header: list[str], header_record: str, dialect: Dialect, **plan: Any) -> RejectedRecords:
    form = {"fields": [{"key": "a", "type": "text", "label": header[0]}]}
    return RejectedRecords(make_unstored_job(form, header, dialect, header_record=header_record, **plan))


def test_records_keep_their_bytes_and_get_two_cells() -> None:
    rejected = records(["a", "b"], "a,b\r\n", Dialect())
    data = b'1,"x, y"\r\n2,"q ""z"""\r\n3\r\n4,5,6\r\n'
    assert rejected.header() == b"a,b,_row,_errors\r\n"
    assert rejected.lines(data, 101, [(101, "A: wrong"), (103, "short, I say"), (104, "long")]) == (
        b'1,"x, y",101,A: wrong\r\n3,103,"short, I say"\r\n4,5,6,104,long\r\n'
    )


def test_nothing_rejected_is_nothing_written() -> None:
    assert records(["a"], "a\n", Dialect()).lines(b"1\n2\n", 1, []) == b""


def test_the_last_record_may_lack_its_line_end() -> None:
    assert records(["a"], "a\n", Dialect()).lines(b"1\n2", 1, [(2, "m")]) == b"2,2,m\n"


def test_a_byte_order_mark_stays_where_the_source_has_one() -> None:
    rejected = records(["é"], "é\n", Dialect(), format={"bom": True})
    assert rejected.header() == codecs.BOM_UTF8 + "é,_row,_errors\n".encode()


def test_the_source_s_encoding_is_written() -> None:
    dialect = Dialect(delimiter=";", encoding="cp1252")
    rejected = records(["Prénom"], "Prénom\n", dialect)
    assert rejected.header() == "Prénom;_row;_errors\n".encode("cp1252")
    assert rejected.lines("Zoë\n".encode("cp1252"), 1, [(1, "façade; ok")]) == 'Zoë;1;"façade; ok"\n'.encode("cp1252")


def test_a_stray_quote_is_seen_in_its_cell_and_swallows_nothing() -> None:
    dialect = Dialect(width=2)
    data = b'1,"open\n2,two\n3,three\n'
    lines = records(["a", "b"], "a,b\n", dialect).lines(data, 1, [(1, "stray")])
    assert lines == b'1,"""open",1,stray\n'


def test_cells_that_a_sheet_has_behind_its_header_are_left_out_only_when_they_are_empty() -> None:
    normalized = {"key": "k", "etag": "e", "size": 1}
    rejected = records(["a", "b", ""], "a,b,\n", Dialect(lines="records"), normalized=normalized)
    assert rejected.header() == codecs.BOM_UTF8 + b"a,b,_row,_errors\n"
    data = b"1,2,\n3,4,5\n"
    assert rejected.lines(data, 1, [(1, "m"), (2, "n")]) == b"1,2,1,m\n3,4,5,2,n\n"


@pytest.mark.parametrize(
    ("dialect", "values", "written"),
    [
        (Dialect(), ["a", 'b"c', "d\ne", ""], b',a,"b""c","d\ne",'),
        (Dialect(delimiter="|"), ["a,b", "c|d"], b'|a,b|"c|d"'),
        (Dialect(quote=None), ["a,b", "c\r\nd"], b",a b,c  d"),
        (Dialect(quote="'"), ['a"b', "c'd"], b""",a"b,'c''d'"""),
        (Dialect(backslash=True), ["a\\b", "c"], rb",a\\b,c"),
    ],
)
def test_cells_are_quoted_as_the_dialect_has_it(dialect: Dialect, values: list[str], written: bytes) -> None:
    assert format_cells(values, dialect) == written
