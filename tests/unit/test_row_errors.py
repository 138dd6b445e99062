"""Row errors: their sentences, what they show of cells, and the frames they travel in."""

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import ERROR_SCHEMA, FOUND_SCHEMA, locate_errors
from import_worker.row_errors.raw_value import MAX_RAW_CHARACTERS, mask_cells, shorten, shorten_cells
from import_worker.row_errors.sentence import Problem, Sentence


def test_a_sentence_is_told_with_its_parameters() -> None:
    assert Sentence.VALUE_IN_ROW.render(row=1_234_567) == "Row 1,234,567 has this value already"
    assert Sentence.NOT_FOUND.problem(table="users", column="email") == Problem(
        RowErrorType.NOT_FOUND, "Not found among the users (email)"
    )


def test_what_a_form_says_in_braces_stays_as_it_is() -> None:
    assert Sentence.AGAINST_RULE.render(message="Use {this} or {0}") == "Use {this} or {0}"


@pytest.mark.parametrize("sentence", [one for one in Sentence if "{" in one.template], ids=lambda one: one.name)
def test_a_sentence_without_its_parameter_is_not_told(sentence: Sentence) -> None:
    with pytest.raises(KeyError):
        sentence.render()


@pytest.mark.parametrize("sentence", list(Sentence), ids=lambda one: one.name)
def test_a_sentence_has_no_braces_left(sentence: Sentence) -> None:
    names = re.findall(r"{(\w+)", sentence.template)
    told = sentence.render(**dict.fromkeys(names, 7))
    assert told
    assert "{" not in told


@given(st.text(max_size=20), st.integers(-2, 2))
@settings(deadline=None)
def test_a_raw_value_is_cut_to_its_longest(beginning: str, beyond: int) -> None:
    text = beginning.ljust(MAX_RAW_CHARACTERS + beyond, "x")
    cut = shorten(text)
    assert len(cut) <= MAX_RAW_CHARACTERS
    assert cut == text if beyond <= 0 else cut == text[: MAX_RAW_CHARACTERS - 1] + "…"
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert shorten_cells(pl.Series([text, "é"])).to_list() == [cut, "é"]


def test_empty_cells_are_not_masked() -> None:
    assert mask_cells(pl.Series(["", " \t", "x", " x "])).to_list() == ["", " \t", "***", "***"]


def test_errors_are_numbered_within_their_rows_and_located() -> None:
    def error(row: int, key: str) -> dict[str, Any]:
        return {"row": row, "field_key": key, "error_type": "required", "error_message": "m", "raw_value": ""}

    found = pl.DataFrame([error(7, "b"), error(3, "a"), error(7, "a"), error(7, "c")], schema=FOUND_SCHEMA)
    kept = locate_errors(found, lambda rows: rows * 10)
    assert kept.schema == ERROR_SCHEMA
    assert kept.select("row", "ordinal", "field_key", "line").rows() == [
        (3, 1, "a", 30),
        (7, 1, "b", 70),
        (7, 2, "a", 70),
        (7, 3, "c", 70),
    ]


def test_no_errors_are_located_as_none() -> None:
    assert locate_errors(pl.DataFrame(schema=FOUND_SCHEMA), lambda rows: rows).schema == ERROR_SCHEMA
