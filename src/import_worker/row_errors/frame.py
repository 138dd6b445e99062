"""The schemas of error frames: errors as they are found, and errors with their lines as they are stored. Pure."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

FOUND_SCHEMA = {
    "row": pl.Int64,
    "field_key": pl.String,
    "error_type": pl.String,
    "error_message": pl.String,
    "raw_value": pl.String,
    "column": pl.String,
}
"""Columns of errors as they are found. ``column`` is the header of the cell that is wrong. ``column`` and ``field_key``
are null if the error belongs to no column or field."""

ERROR_SCHEMA = {"row": pl.Int64, "ordinal": pl.Int32, **FOUND_SCHEMA, "line": pl.Int64}
"""Columns of errors as they are stored; ``ordinal`` counts from 1 within its row, ``line`` is the physical line from
1."""


def locate_errors(errors: pl.DataFrame, lines_of: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> pl.DataFrame:
    """Turns errors as found (FOUND_SCHEMA) into errors to store (ERROR_SCHEMA), sorted by row; errors of one row keep
    their order. ``lines_of`` maps row numbers to the physical lines on which the rows begin."""
    errors = errors.sort("row", maintain_order=True)
    return errors.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row").alias("ordinal"),
        pl.Series("line", lines_of(errors["row"].to_numpy())),
    ).select(*ERROR_SCHEMA)
