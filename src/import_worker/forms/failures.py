"""What is wrong with a frame's rows, as the error frame that reports are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.field import Field
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import FOUND_SCHEMA
from import_worker.row_errors.raw_value import masked_cells, shortened_cells


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong with some rows. ``positions``: UInt32, their places in the frame from 0. ``message``: one
    for all of them, or a String for each."""

    positions: pl.Series
    field: Field
    binding: Binding | None
    error_type: RowErrorType
    message: str | pl.Series

    def messages(self) -> pl.Series:
        if isinstance(self.message, pl.Series):
            return self.message
        return pl.Series([self.message]).new_from_index(0, len(self.positions))


def error_frame(frame: pl.DataFrame, failures: Sequence[Failure]) -> pl.DataFrame:
    """``failures``, ordered by row and then as given, as found (FOUND_SCHEMA)."""
    if not failures:
        return pl.DataFrame(schema=FOUND_SCHEMA)
    parts = pl.concat(
        pl.DataFrame(
            {
                "position": failure.positions,
                "failure": pl.Series([number], dtype=pl.UInt32).new_from_index(0, len(failure.positions)),
                "error_message": failure.messages(),
                "raw_value": _raw_values(frame, failure),
            }
        )
        for number, failure in enumerate(failures)
    ).sort("position", "failure")
    known = pl.DataFrame(
        {
            "field_key": [failure.field.key for failure in failures],
            "error_type": [str(failure.error_type) for failure in failures],
            "column": [failure.binding.header if failure.binding else None for failure in failures],
        },
        schema_overrides=FOUND_SCHEMA,
    )
    return pl.DataFrame(
        {
            "row": frame["row"].gather(parts["position"]),
            **known[parts["failure"]].to_dict(),
            "error_message": parts["error_message"],
            "raw_value": parts["raw_value"],
        }
    ).select(*FOUND_SCHEMA)


def _raw_values(frame: pl.DataFrame, failure: Failure) -> pl.Series:
    if failure.binding is None or failure.binding.column is None:
        return pl.Series([""]).new_from_index(0, len(failure.positions))
    cells = frame[f"c{failure.binding.column}"].gather(failure.positions)
    if failure.field.sensitive:
        cells = masked_cells(cells)
    elif secret := failure.field.type.secret:
        cells = secret.hidden_in_cells(cells)
    return shortened_cells(cells)
