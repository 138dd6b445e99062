"""The frames in which errors travel: from who finds them, by way of who knows their lines, to the table. Pure."""

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
"""Columns of errors as they are found. ``column`` is the header of the cell to blame; null like ``field_key`` where
there is none."""

ERROR_SCHEMA = {"row": pl.Int64, "ordinal": pl.Int32, **FOUND_SCHEMA, "line": pl.Int64}
"""Columns of errors as they are kept; ``ordinal`` counts from 1 within its row, ``line`` is the physical line from
1."""


def located(errors: pl.DataFrame, lines_of: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> pl.DataFrame:
    """Errors as found (FOUND_SCHEMA), made errors to keep (ERROR_SCHEMA), sorted by row; within a row they stay as they
    came. ``lines_of``: row numbers to the physical lines on which the rows begin."""
    errors = errors.sort("row", maintain_order=True)
    return errors.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row").alias("ordinal"),
        pl.Series("line", lines_of(errors["row"].to_numpy())),
    ).select(*ERROR_SCHEMA)
