"""Tests of stored values, from which conditions are built."""

from collections.abc import Callable, Sequence

import polars as pl

ValueTest = Callable[[pl.Series], pl.Series]
"""Maps a field's stored values (String, null where missing) to Boolean; null counts as false."""


def never(stored: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, len(stored))


def among(texts: Sequence[str]) -> ValueTest:
    return (lambda stored: stored.is_in(list(texts))) if texts else never
