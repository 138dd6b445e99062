"""What a validator must know beyond the rows that it is given: duplicates, and which looked-up values exist."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.columns import Column, FieldColumns
from import_worker.forms.failures import Failure
from import_worker.forms.import_validation import Lookup
from import_worker.forms.types.reading import Reading
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Sentence

DUPLICATES_SCHEMA = {"row": pl.Int64, "field_key": pl.String, "first_row": pl.Int64}


@dataclass(frozen=True)
class KnownValues:
    """``duplicates`` (DUPLICATES_SCHEMA, in order of rows): the rows that are rejected because ``first_row`` has their
    value of a field already; ``first_row`` is null if a submission of the form has it. ``found``: by field key, the
    looked-up values that exist."""

    duplicates: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DUPLICATES_SCHEMA))
    found: Mapping[str, Collection[str]] = field(default_factory=dict)


def duplicate_failures(
    columns: FieldColumns, rows: pl.Series, reading: Reading, known: KnownValues
) -> Iterator[Failure]:
    """``rows``: the frame's row numbers, in order."""
    lost = known.duplicates.filter(field_key=columns.key)
    if lost.is_empty():
        return
    places = pl.DataFrame({"row": rows}).with_row_index("position")
    lost = lost.join(places, on="row", how="inner", maintain_order="left")
    messages = pl.Series(
        [
            Sentence.VALUE_IN_FORM.render() if row is None else Sentence.VALUE_IN_ROW.render(row=row)
            for row in lost["first_row"]
        ]
    )
    positions = lost["position"].cast(pl.UInt32)
    for column, here in _by_column(columns, positions, reading):
        yield Failure(
            positions.filter(here), columns.field, column.binding, RowErrorType.DUPLICATE, messages.filter(here)
        )


def lookup_failures(columns: FieldColumns, lookup: Lookup, reading: Reading, known: KnownValues) -> Iterator[Failure]:
    there = pl.Series(list(known.found.get(columns.key, ())), dtype=pl.String)
    missing = (reading.stored.is_not_null() & ~reading.stored.is_in(there.implode())).fill_null(value=False)
    problem = Sentence.NOT_FOUND.problem(table=lookup.table, column=lookup.column)
    positions = missing.arg_true()
    for column, here in _by_column(columns, positions, reading):
        yield Failure(positions.filter(here), columns.field, column.binding, problem.error_type, problem.message)


def _by_column(columns: FieldColumns, positions: pl.Series, reading: Reading) -> Iterator[tuple[Column, pl.Series]]:
    """Yields each of the field's columns with a mask of those positions whose value comes from it."""
    if reading.source is None:
        yield columns.columns[0], pl.Series([True]).new_from_index(0, len(positions))
        return
    source = reading.source.gather(positions)
    for number, column in enumerate(columns.columns):
        yield column, (source == number).fill_null(value=False)
