"""What a validator is told of the world beyond the rows that it is given."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.columns import Column
from import_worker.forms.failures import Failure
from import_worker.forms.import_validation import Lookup
from import_worker.forms.reading import Reading

DUPLICATES_SCHEMA = {"row": pl.Int64, "field_key": pl.String, "first_row": pl.Int64}


@dataclass(frozen=True)
class Known:
    """``duplicates``: DUPLICATES_SCHEMA, in order of rows: which rows lose in which field because of which first row,
    null where the form has the value. ``found``: by field key, those of the values looked up that are there."""

    duplicates: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DUPLICATES_SCHEMA))
    found: Mapping[str, Collection[str]] = field(default_factory=dict)


def duplicate_failures(column: Column, rows: pl.Series, known: Known) -> Iterator[Failure]:
    """``rows``: the frame's row numbers, in order."""
    lost = known.duplicates.filter(field_key=column.key)
    if lost.is_empty():
        return
    places = pl.DataFrame({"row": rows}).with_row_index("position")
    lost = lost.join(places, on="row", how="inner", maintain_order="left")
    messages = pl.Series(
        [
            "The form has this value already" if row is None else f"Row {row:,} has this value already"
            for row in lost["first_row"]
        ]
    )
    yield Failure(lost["position"].cast(pl.UInt32), column.binding.field, column.binding, "duplicate", messages)


def lookup_failures(column: Column, lookup: Lookup, reading: Reading, known: Known) -> Iterator[Failure]:
    there = pl.Series(list(known.found.get(column.key, ())), dtype=pl.String)
    missing = (reading.stored.is_not_null() & ~reading.stored.is_in(there.implode())).fill_null(value=False)
    message = f"Not found among the {lookup.table} ({lookup.column})"
    yield Failure(missing.arg_true(), column.binding.field, column.binding, "not_found", message)
