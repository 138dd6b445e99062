"""The failures found in a frame's rows, and the error frame built from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.field import Field
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import FOUND_SCHEMA
from import_worker.row_errors.raw_value import mask_cells, shorten_cells


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong with some rows. ``positions``: UInt32, the rows' positions in the frame from 0.
    ``message``: one message for all rows, or a String series with one for each."""

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
    """The errors (FOUND_SCHEMA) of all ``failures``, ordered by row; errors of one row are in the order given."""
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
        cells = mask_cells(cells)
    elif secret := failure.field.type.secret:
        cells = secret.hide_in_cells(cells)
    return shorten_cells(cells)
