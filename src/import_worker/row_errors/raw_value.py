"""How much of a cell or a record an error may show. Pure."""

import polars as pl

MASK = "***"
"""Replaces every cell of a sensitive field that is not empty."""

MAX_RAW_CHARACTERS = 1_000
"""The longest raw value of an error; rejected.csv has the whole cell."""

_CUT = "…"


def shorten(text: str) -> str:
    """The text, cut to MAX_RAW_CHARACTERS."""
    return text if len(text) <= MAX_RAW_CHARACTERS else text[: MAX_RAW_CHARACTERS - 1] + _CUT


def shorten_cells(cells: pl.Series) -> pl.Series:
    """Each of the cells (String), cut as ``shorten`` does it."""
    long = cells.str.len_chars() > MAX_RAW_CHARACTERS
    if not long.any():
        return cells
    return pl.select(pl.when(long).then(cells.str.head(MAX_RAW_CHARACTERS - 1) + _CUT).otherwise(cells)).to_series()


def mask_cells(cells: pl.Series) -> pl.Series:
    """``MASK`` in place of each of the cells (String) that is not empty; empty ones stay as they are."""
    return pl.select(pl.when(cells.str.strip_chars() == "").then(cells).otherwise(pl.lit(MASK))).to_series()
