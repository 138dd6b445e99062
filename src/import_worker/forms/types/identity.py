"""When two stored values of a type are the same value."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl


def _as_they_are(texts: pl.Series) -> pl.Series:
    return texts


@dataclass(frozen=True)
class Identity:
    """``comparable`` makes stored values (String, no nulls) texts that are alike where the values are the same.

    ``as_stored`` makes what PostgreSQL's ``payload->>key`` gives (String, no nulls) the stored values of this program.
    """

    comparable: Callable[[pl.Series], pl.Series] = _as_they_are
    as_stored: Callable[[pl.Series], pl.Series] = _as_they_are


TO_THE_LETTER = Identity()
"""Values are the same where their texts are."""
