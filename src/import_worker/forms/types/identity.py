"""When two stored values of a type are equal."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl


def _as_they_are(texts: pl.Series) -> pl.Series:
    return texts


@dataclass(frozen=True)
class Identity:
    """``comparable`` converts stored values (String, no nulls) to texts that are equal if and only if the values are.

    ``as_stored`` converts what PostgreSQL's ``payload->>key`` returns (String, no nulls) to this program's stored
    values.
    """

    comparable: Callable[[pl.Series], pl.Series] = _as_they_are
    as_stored: Callable[[pl.Series], pl.Series] = _as_they_are


TO_THE_LETTER = Identity()
"""Values are equal if their texts are."""
