"""What of a cell or a record an error may show. Pure."""

import polars as pl

MASK = "***"
"""Stands for whatever a sensitive field holds."""

MAX_RAW_CHARACTERS = 1_000
"""The longest raw value of an error; rejected.csv has the whole cell."""

_CUT = "…"


def shortened(text: str) -> str:
    """The text, or as much of its beginning as an error may hold."""
    return text if len(text) <= MAX_RAW_CHARACTERS else text[: MAX_RAW_CHARACTERS - 1] + _CUT


def shortened_cells(cells: pl.Series) -> pl.Series:
    """Each of the cells (String) as ``shortened`` makes it."""
    long = cells.str.len_chars() > MAX_RAW_CHARACTERS
    if not long.any():
        return cells
    return pl.select(pl.when(long).then(cells.str.head(MAX_RAW_CHARACTERS - 1) + _CUT).otherwise(cells)).to_series()


def masked_cells(cells: pl.Series) -> pl.Series:
    """``MASK`` for each of the cells (String) in which there is something; the others as they are."""
    return pl.select(pl.when(cells.str.strip_chars() == "").then(cells).otherwise(pl.lit(MASK))).to_series()
