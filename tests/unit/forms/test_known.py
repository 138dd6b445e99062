"""What a validator is told of the world, and which errors come of it."""

import polars as pl

from import_worker.forms.columns import FieldColumns, field_columns
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.import_validation import Lookup, LookupTable
from import_worker.forms.joining import bind
from import_worker.forms.known import DUPLICATES_SCHEMA, KnownValues, duplicate_failures, lookup_failures
from import_worker.forms.types.reading import Reading, accept_all
from import_worker.row_errors.error_type import RowErrorType

FORM = FormDefinition.parse({"fields": [{"key": "f", "type": "text"}]})
ROWS = pl.Series([21, 22, 23], dtype=pl.Int64)
LOOKUP = Lookup(LookupTable.TEAMS, "name")


def columns(*headers: str) -> FieldColumns:
    (found,) = field_columns(bind(FORM, HeaderMapping.parse(dict.fromkeys(headers, "f")), headers))
    return found


def stored(*values: str | None, source: list[int | None] | None = None) -> Reading:
    reading = accept_all(pl.Series(values, dtype=pl.String))
    numbers = None if source is None else pl.Series(source, dtype=pl.UInt16)
    return Reading(reading.stored, reading.problem, numbers)


def test_rows_that_lose_are_told_to_which_row_or_that_it_is_the_form() -> None:
    lost = [(23, "f", 21), (22, "f", None), (22, "other", 21), (99, "f", 1_000)]
    known = KnownValues(pl.DataFrame(lost, schema=DUPLICATES_SCHEMA, orient="row"))
    (failure,) = duplicate_failures(columns("A"), ROWS, stored("x", "y", "x"), known)
    assert failure.error_type is RowErrorType.DUPLICATE
    told = dict(zip(failure.positions, failure.messages(), strict=True))
    assert told == {2: "Row 21 has this value already", 1: "The form has this value already"}


def test_nothing_lost_is_no_failure() -> None:
    assert list(duplicate_failures(columns("A"), ROWS, stored("x", "y", "x"), KnownValues())) == []


def test_values_that_are_not_there_are_told_in_the_column_that_counts() -> None:
    known = KnownValues(found={"f": ["x"]})
    reading = stored("y", None, "z", source=[1, None, 0])
    failures = list(lookup_failures(columns("A", "B"), LOOKUP, reading, known))
    told = [(failure.binding and failure.binding.header, failure.positions.to_list()) for failure in failures]
    assert told == [("A", [2]), ("B", [0])]
    assert {(failure.error_type, failure.message) for failure in failures} == {
        ("not_found", "Not found among the teams (name)")
    }


def test_of_a_field_that_nothing_was_found_for_no_value_is_there() -> None:
    (failure,) = lookup_failures(columns("A"), LOOKUP, stored("x", None, "x"), KnownValues())
    assert failure.positions.to_list() == [0, 2]
