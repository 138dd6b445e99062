"""A file is read as it was meant: the corpus of dialects, and what only few files have."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.cut import sample_cells
from import_worker.sources.detect import sniff
from import_worker.sources.detect.sniff import detect_text
from import_worker.sources.detect.text_format import Sureness, TextFormat
from tests.corpus.by_hand import BY_HAND, READ_BY_CSV
from tests.corpus.dialects import CASES, DialectCase, draw
from tests.corpus.reader import read_table

SAMPLE_BYTES = 1024 * 1024
MIN_RIGHT = 0.97


def nothing_known(row: Sequence[str]) -> int:
    return 0


def detect(
    data: bytes | str, count_expected: Callable[[Sequence[str]], int] = nothing_known, **options: Any
) -> TextFormat:
    sample = data.encode() if isinstance(data, str) else data
    given_options = JobOptions.parse(options)
    complete = len(sample) <= SAMPLE_BYTES
    return detect_text(sample[:SAMPLE_BYTES], given_options, complete=complete, count_expected=count_expected)


@cache
def detect_case(index: int) -> TextFormat:
    """Without options, and with nothing known."""
    return detect(CASES[index].data)


def miss(case: DialectCase, **options: Any) -> str | None:
    """What is wrong, or None when every cell comes out as it was meant."""
    try:
        found = detect(case.data, **options)
    except JobFailed as failure:
        return f"{case.name}: {failure}"
    if read_table(case.data, found) == case.table:
        return None
    return f"{case.name}: {found}"


def test_the_corpus_is_what_it_says() -> None:
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        bom = next((len(mark) for mark in (b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xff\xfe", b"\xfe\xff")
                    if case.data.startswith(mark)), 0)  # fmt: skip
        true = TextFormat(
            encoding=case.encoding,
            bom_bytes=bom,
            delimiter=case.delimiter,
            quote=case.quote,
            backslash=case.backslash,
            spaced=case.spaced,
            newline="lf",
            header_row=case.header_row,
            sure={},
        )
        assert read_table(case.data, true) == case.table, case.name


def test_the_corpus_is_read_as_it_was_meant() -> None:
    wrong = [
        f"{case.name}: {detect_case(index)}"
        for index, case in enumerate(CASES)
        if read_table(case.data, detect_case(index)) != case.table
    ]
    assert len(wrong) <= (1 - MIN_RIGHT) * len(CASES), "\n".join(wrong)


@pytest.mark.parametrize("name", [*BY_HAND, *READ_BY_CSV])
def test_each_awkward_file_is_read_as_it_was_meant(name: str) -> None:
    assert miss(next(case for case in CASES if case.name == name)) is None


def test_other_draws_are_read_as_they_were_meant() -> None:
    cases = list(draw("another seed", 300))
    wrong = [message for case in cases if (message := miss(case)) is not None]
    assert len(wrong) <= (1 - MIN_RIGHT) * len(cases), "\n".join(wrong)


def test_options_read_every_file_of_the_corpus() -> None:
    wrong = [message for case in CASES if (message := miss(case, **case.options())) is not None]
    assert not wrong, "\n".join(wrong)


def test_line_ends_are_told() -> None:
    wrong = [
        case.name
        for index, case in enumerate(CASES)
        if len(case.table) > 3 and detect_case(index).newline != case.newline
    ]
    assert not wrong


def test_the_header_row_is_told() -> None:
    wrong = [case.name for index, case in enumerate(CASES) if detect_case(index).header_row != case.header_row]
    assert len(wrong) <= (1 - MIN_RIGHT) * len(CASES), wrong


def test_a_line_end_inside_quotes_does_not_count() -> None:
    assert detect('a,b\r\n1,"x\ny"\r\n2,"z\n"\r\n').newline == "crlf"


def test_one_column_is_a_usable_format_and_a_guess() -> None:
    found = detect("name\nLamp\nRug\n")
    assert (found.delimiter, found.quote, found.header_row) == (",", '"', 1)
    assert (found.sure["delimiter"], found.sure["quote"]) == (Sureness.GUESS, Sureness.GUESS)


def test_commas_in_the_prose_of_one_column_cut_no_cell() -> None:
    text = "Remark\nGood, quick\nFine\nToo late, sadly, but well\n"
    found = detect(text)
    assert found.sure["delimiter"] == Sureness.GUESS
    assert [len(row) for row in read_table(text.encode(), found)] == [1, 1, 1, 1]


def test_a_file_without_quotes_gets_the_usual_one() -> None:
    assert detect("a,b\n1,2\n").quote == '"'
    assert detect("a,b\nit's,o'clock\n").quote == '"'


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_hint_for_spreadsheets_is_certain(newline: str) -> None:
    found = detect(newline.join(["sep=|", "a,b|c,d", "1,2|3,4", ""]))
    assert (found.delimiter, found.sure["delimiter"], found.header_row) == ("|", Sureness.CERTAIN, 2)


def test_sureness_follows_the_evidence() -> None:
    found = detect("name;count\nRug;3\nLamp;4\n")
    assert found.sure == {
        "encoding": Sureness.LIKELY,
        "delimiter": Sureness.LIKELY,
        "quote": Sureness.GUESS,
        "header_row": Sureness.LIKELY,
    }
    assert detect("1,2,3\n4,5,6\n").sure["header_row"] == Sureness.GUESS


def test_what_options_give_is_given() -> None:
    found = detect("a|b;c\n1|2;3\n", delimiter="|", quote="", encoding="latin-1", header_row=2)
    assert (found.delimiter, found.quote, found.encoding, found.header_row) == ("|", None, "iso8859-1", 2)
    assert set(found.sure.values()) == {Sureness.GIVEN}
    assert detect("a;b\n'x;y';2\n", quote="'").quote == "'"


def test_an_expected_header_outweighs_its_shape() -> None:
    expected = {"Name", "Count"}
    text = "Made,by,the till\nDay,of,May\nName,Count,Note\nRug,three,red\nLamp,four,blue\n"
    assert detect(text).header_row == 1
    found = detect(text, lambda row: len(expected.intersection(row)))
    assert (found.header_row, found.sure["header_row"]) == (3, Sureness.LIKELY)


def test_an_expected_header_tells_the_delimiter() -> None:
    text = "Name|Size;Count|Unit;Note|Day\nRug|1;3|m;red|1\nLamp|2;4|m;blue|2\n"
    assert detect(text, lambda row: "Name" in row).delimiter == "|"
    assert detect(text, lambda row: "Name|Size" in row).delimiter == ";"


def test_an_expected_header_is_compared_as_it_is_meant() -> None:
    seen: list[str] = []

    def count_expected(row: Sequence[str]) -> int:
        seen.extend(row)
        return 0

    detect('"5"" pipe", "a\\"b",  count\n1,2,3\n', count_expected)
    assert {'5" pipe', 'a"b', "count"} <= set(seen)


def test_a_cell_that_equals_an_expected_header_is_no_header() -> None:
    text = "Article,Place,Count\nRug,Cork,3\nName,Leeds,4\n"
    assert detect(text, lambda row: "Name" in row).header_row == 1


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \r\n\t", b",,,\n;;\n", b"\xef\xbb\xbf", b"\xff\xfe\n\0"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert refusal(data).reason is FailureReason.SOURCE_FILE_EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body>Log in</body></html>",
        b"\r\n  <html>",
        b'<?xml version="1.0"?><rows/>',
        b"<table><tr><td>name</td></tr></table>",
        b'{"name": "Ada", "age": 36}\n{"name": "Lin", "age": 38}\n',
        b'[\n  {"name": "Ada"},\n  {"name": "Lin"}\n]\n',
        b"-- dump\nINSERT INTO members (id, name) VALUES\n(1, 'Ada'),\n(2, 'Lin');\n",
        "<html>".encode("utf-16"),
        random.Random(2).randbytes(5_000),
        b"a,b\n" + bytes(4_000),
        b" " * SAMPLE_BYTES + b"a",
    ],
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    assert refusal(data).reason is FailureReason.UNSUPPORTED_FORMAT


def test_a_web_page_is_called_one() -> None:
    assert "login page" in str(refusal(b"<html><head>"))


def test_a_delimiter_that_is_the_quote_is_refused() -> None:
    assert "different" in str(refusal(b"a;b\n", delimiter="'", quote="'"))
    assert detect('a"b\n1"2\n', delimiter='"').quote != '"'


def refusal(data: bytes, **options: Any) -> JobFailed:
    with pytest.raises(JobFailed) as failure:
        detect(data, **options)
    return failure.value


@pytest.mark.parametrize(
    "piece",
    [
        b"a,\"b;'c\\\"\t|^:\\' , \", '\n",
        b'"',
        b"'\"",
        b"a",
        b"1.",
        b'","',
        b'"\\"',
        b", \"'",
        b",;\t|^:a",
        b"x\r",
        b"\\",
        b"a@a.",
        b"1,2.5;3|4\t5\n",
        b"\xe9,\"'\n",
    ],
)
def test_work_is_bounded_whatever_the_sample(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    characters, counts = [], []

    def counting(text: str, *args: Any, **kwargs: Any) -> sample_cells.Sample:
        sampled = sample_cells.split_cells(text, *args, **kwargs)
        characters.append(len(text))
        counts.append(sum(map(len, sampled.records)))
        return sampled

    monkeypatch.setattr(sniff, "split_cells", counting)
    detect(piece * (SAMPLE_BYTES // len(piece)))
    # Two megabytes and a half: about the time of reading the sample twice.
    assert sum(characters) <= 2.5 * SAMPLE_BYTES
    assert max(counts) <= sample_cells.MAX_CELLS + 1_000


DENSE = st.text(alphabet="ab,;\t|:^\"'\\ \n\r#=12.é", max_size=200)


@given(DENSE)
@settings(max_examples=600, deadline=None)
def test_any_text_has_a_format_or_is_refused(text: str) -> None:
    usable(text.encode())


@given(st.binary(max_size=400))
@settings(max_examples=600, deadline=None)
def test_any_bytes_have_a_format_or_are_refused(data: bytes) -> None:
    usable(data)


@given(st.sampled_from(CASES), st.randoms(use_true_random=False), st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_damaged_files_have_a_format_or_are_refused(case: DialectCase, rng: random.Random, count: int) -> None:
    data = bytearray(case.data[: rng.choice([40, 400, 4_000])])
    for _ in range(count):
        data[rng.randrange(len(data))] = rng.randrange(256)
    usable(bytes(data))


def usable(data: bytes) -> None:
    try:
        found = detect(data)
    except JobFailed:
        return
    rows = read_table(data, found)
    assert rows, "the header row is behind the end of the file"
    assert any(cell.strip() for cell in rows[0])
