"""Stored values as the JSON of a row."""

import json
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.forms.columns import field_columns
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.payload import build_payloads

TYPES = {"text": "text", "é": "textarea", "n": "number", "day": "date", "yes": "checkbox", 'q"\\': "email"}
FORM = FormDefinition.parse({"fields": [{"key": key, "type": name} for key, name in TYPES.items()]})
FIELDS = field_columns(bind(FORM, HeaderMapping.parse(dict(zip(TYPES, TYPES, strict=True))), list(TYPES)))

TEXT = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
ROW = st.fixed_dictionaries(
    {
        "text": TEXT,
        "é": TEXT,
        "n": st.none() | st.sampled_from(["1", "-0.50", "1e400"]),
        "day": st.none() | st.just("2024-02-29"),
        "yes": st.none() | st.sampled_from(["true", "false"]),
        'q"\\': TEXT,
    }
)


def written(rows: list[dict[str, str | None]]) -> list[str]:
    columns = {field.name: pl.Series([row[field.key] for row in rows], dtype=pl.String) for field in FIELDS}
    return build_payloads(pl.DataFrame(columns), FIELDS, len(rows)).to_list()


@given(st.lists(ROW, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_row_is_one_object_of_what_is_stored(rows: list[dict[str, str | None]]) -> None:
    for text, row in zip(written(rows), rows, strict=True):
        # With numbers as they are written, no digit can be lost unseen.
        read = json.loads(text, parse_int=str, parse_float=str)
        stored = {key: value for key, value in row.items() if value is not None}
        truth = {"true": True, "false": False}
        assert read == {key: truth[value] if key == "yes" else value for key, value in stored.items()}


@given(st.lists(ROW, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_members_stand_in_the_order_in_which_jsonb_keeps_them(rows: list[dict[str, str | None]]) -> None:
    for text in written(rows):
        keys = [key.encode() for key in json.loads(text)]
        assert all((len(one), one) < (len(other), other) for one, other in pairwise(keys))


def test_rows_in_which_nothing_is_stored_are_empty_objects() -> None:
    assert written([dict.fromkeys(TYPES)] * 2) == ["{}", "{}"]
