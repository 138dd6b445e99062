"""A row's error: what an errors frame has for each. Pure."""

import polars as pl

ERROR_SCHEMA = {
    "row": pl.Int64,
    "ordinal": pl.Int32,
    "field_key": pl.String,
    "error_type": pl.String,
    "error_message": pl.String,
    "raw_value": pl.String,
    "column": pl.String,
    "line": pl.Int64,
}
"""Columns of an errors frame; ``ordinal`` counts from 1 within its row, ``line`` is the physical line from 1."""
