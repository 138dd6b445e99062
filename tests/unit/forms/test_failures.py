"""Failures of a frame's rows, as errors."""

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.definition import FormDefinition
from import_worker.forms.failures import Failure, error_frame
from import_worker.forms.mapping_entry import MappingEntry
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import FOUND_SCHEMA

FIELDS = FormDefinition.parse(
    {
        "fields": [
            {"key": "a", "type": "text"},
            {"key": "b", "type": "text", "dataClassification": "sensitive"},
            {"key": "c", "type": "file"},
        ]
    }
).fields
FRAME = pl.DataFrame(
    {
        "row": pl.Series([11, 12, 13], dtype=pl.Int64),
        "c0": ["x", "y" * 1_001, ""],
        "c1": ["secret", " ", "z" * 1_001],
        "c2": ['{"url":"https://e.org/f?key=1"}', "", "?" + "q" * 1_001],
    }
)


def failure(rows: list[int], number: int, message: str | pl.Series, *, bound: bool = True) -> Failure:
    field = FIELDS[number]
    binding = Binding(field, number, field.key.upper(), field.key, MappingEntry(field=field.key)) if bound else None
    return Failure(pl.Series(rows, dtype=pl.UInt32), field, binding, RowErrorType.VALIDATION, message)


def test_errors_stand_by_row_and_then_as_they_were_found() -> None:
    each = pl.Series(["for the third", "for the first"])
    errors = error_frame(FRAME, [failure([2, 0], 0, each), failure([0, 1], 1, "for both")])
    assert errors.schema == FOUND_SCHEMA
    assert errors.select("row", "field_key", "error_type", "error_message", "column").rows() == [
        (11, "a", "validation", "for the first", "A"),
        (11, "b", "validation", "for both", "B"),
        (12, "b", "validation", "for both", "B"),
        (13, "a", "validation", "for the third", "A"),
    ]


def test_raw_values_show_what_may_be_seen() -> None:
    raw = {number: error_frame(FRAME, [failure([0, 1, 2], number, "m")])["raw_value"].to_list() for number in range(3)}
    assert raw == {
        0: ["x", "y" * 999 + "…", ""],
        1: ["***", " ", "***"],
        2: ['{"url":"https://e.org/f?…"}', "", "?…"],
    }


def test_a_field_without_a_column_shows_nothing() -> None:
    errors = error_frame(FRAME, [failure([1], 0, "m", bound=False)])
    assert errors.select("raw_value", "column").rows() == [("", None)]


def test_no_failures_make_an_empty_frame() -> None:
    assert error_frame(FRAME, []).schema == FOUND_SCHEMA
