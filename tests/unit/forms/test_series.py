"""Quick answers for the many, careful ones for the few."""

from collections.abc import Sequence

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.forms.series import WHITE_SPACE, complete, for_each_distinct, replace_at, trim

TEXTS = st.lists(st.none() | st.sampled_from("abcABC"), max_size=12)


@given(TEXTS)
@settings(deadline=None)
def test_careful_answers_stand_where_there_was_no_quick_one(texts: list[str | None]) -> None:
    inputs = pl.Series(texts, dtype=pl.String)
    quick = pl.select(pl.when(pl.lit(inputs).str.contains("[a-c]")).then(pl.lit(inputs))).to_series()
    asked: list[str] = []

    def careful(few: pl.Series) -> pl.Series:
        asked.extend(few.to_list())
        return few.str.to_lowercase() + "!"

    answers = complete(quick, inputs, careful)
    assert answers.to_list() == [t if t is None or t.islower() else t.lower() + "!" for t in texts]
    assert asked == [text for text in texts if text is not None and text.isupper()]


def test_putting_leaves_what_others_hold_alone() -> None:
    among = pl.Series(["a", "b", "c"])
    assert replace_at(pl.Series(["x", "y"]), pl.Series([True, False, True]), among).to_list() == ["x", "b", "y"]
    assert among.to_list() == ["a", "b", "c"]


def test_a_text_that_comes_again_is_asked_about_once() -> None:
    asked: list[str] = []

    def lengths(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return [len(text) for text in texts]

    answers = for_each_distinct(pl.Series(["a", "bb", "a", "bb", "ccc"]), lengths, pl.Int8)
    assert answers.to_list() == [1, 2, 1, 2, 3]
    assert answers.dtype == pl.Int8
    assert sorted(asked) == ["a", "bb", "ccc"]
    assert for_each_distinct(pl.Series(dtype=pl.String), lengths, pl.Int8).dtype == pl.Int8


def test_trimming_is_what_polars_does() -> None:
    for character in map(chr, range(0x3001)):
        text = f"{character}x{character}"
        assert (trim(text) == "x") == (character in WHITE_SPACE)
    texts = [f"{character}x{character}" for character in map(chr, range(0x3001))]
    assert pl.Series(texts).str.strip_chars().to_list() == [trim(text) for text in texts]
