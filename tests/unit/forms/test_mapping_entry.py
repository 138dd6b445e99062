"""Entries of a mapping: what they say, and how they are written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import JobFailed
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.mapping_entry import MappingEntry

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
ENTRIES = st.fixed_dictionaries(
    {"field": TEXT.filter(bool)},
    optional={
        "values": st.dictionaries(TEXT, st.none() | TEXT | st.booleans() | st.integers(0, 9), max_size=4)
        | st.lists(st.tuples(TEXT, st.none() | TEXT), max_size=4).map(lambda pairs: [list(pair) for pair in pairs]),
        "default": st.none() | TEXT | st.integers(0, 9) | st.booleans(),
        "case": st.none() | st.sampled_from(["upper", "lower", "title"]),
        "normalize": st.none() | st.sampled_from(["phone", "postal_code", "email"]),
        "separator": st.none() | TEXT.filter(bool),
        "date_formats": st.none() | st.lists(st.sampled_from(["DD/MM/YYYY", "%d.%m.%y"]), max_size=2),
    },
)


def entry(**options: object) -> MappingEntry:
    return MappingEntry.model_validate({"field": "f", **options})


@given(ENTRIES)
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_back_after_a_stay_in_jsonb(document: dict[str, Any]) -> None:
    mapping = HeaderMapping.parse({"H": document})
    # jsonb keeps an object's keys in an order of its own.
    stored = json.loads(json.dumps(mapping.to_json(), sort_keys=True))
    read = HeaderMapping.parse(stored)
    assert {key: dict(one.values) for key, one in read.entries.items()} == {
        key: dict(one.values) for key, one in mapping.entries.items()
    }
    assert [one.model_copy(update={"values": ()}) for one in read.entries.values()] == [
        one.model_copy(update={"values": ()}) for one in mapping.entries.values()
    ]


def test_an_entry_that_says_nothing_more_is_its_field() -> None:
    assert entry(case=None, values={}).to_json() == "f"


def test_values_whose_order_counts_keep_it() -> None:
    assert entry(values={"a": "1", "b": None}).to_json() == {"field": "f", "values": {"a": "1", "b": None}}
    assert entry(values={"a": "1", "A": "2"}).to_json() == {"field": "f", "values": [["a", "1"], ["A", "2"]]}


@pytest.mark.parametrize(
    ("options", "fills"),
    [
        ({}, False),
        ({"default": "x"}, True),
        ({"default": " "}, False),
        ({"values": {" ": "x"}}, True),
        ({"values": {"": None}}, False),
        ({"values": {"a": "x"}}, False),
        ({"values": {"": None}, "default": 0}, True),
    ],
)
def test_which_entries_make_something_of_an_empty_cell(options: dict[str, object], fills: bool) -> None:
    assert entry(**options).fills_empty_cells is fills


def test_lists_are_split_at_commas_unless_told_else() -> None:
    assert (entry().list_separator, entry(separator="; ").list_separator) == (",", "; ")


def test_numbers_and_truth_are_taken_as_their_json() -> None:
    assert entry(default=23, values={"x": True, "y": 1.5}).model_dump(exclude_defaults=True) == {
        "field": "f",
        "default": "23",
        "values": (("x", "true"), ("y", "1.5")),
    }


@pytest.mark.parametrize(
    "options",
    [
        {"cases": "upper"},
        {"case": "Upper"},
        {"separator": ""},
        {"default": float("nan")},
        {"default": "\0"},
        {"values": "x"},
        {"date_formats": ["DD/YYYY"]},
    ],
)
def test_what_no_entry_says_is_refused_with_its_header(options: dict[str, object]) -> None:
    with pytest.raises(JobFailed, match="header 'H': "):
        HeaderMapping.parse({"H": {"field": "f", **options}})
