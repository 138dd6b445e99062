"""Stored values made comparable: two that are the same value have the same digest, wherever they stand. Pure."""

import polars as pl

from import_worker.forms.field import Field

_SEEDS = (0x5011, 0x571C)
"""Any two that differ: each seed makes a hash of 64 bits of its own, and both together leave nothing to chance. Among a
billion values, two different ones have the same 128 bits once in 10^20 files."""


def digests(field: Field, stored: pl.Series) -> pl.DataFrame:
    """``high`` and ``low`` (UInt64) of each stored value (String, no nulls), in order.

    Values that the field's type takes for the same (``1``, ``1.0`` and ``10e-1`` of a number) have the same digest.
    """
    assert field.type.identity is not None  # else it is no unique field
    values = field.type.identity.comparable(stored)
    high, low = (values.hash(seed) for seed in _SEEDS)
    return pl.DataFrame({"high": high, "low": low})


def as_stored(field: Field, texts: pl.Series) -> pl.Series:
    """Values as PostgreSQL's ``payload->>key`` gives them, as this program stores them."""
    assert field.type.identity is not None  # else it is no unique field
    return field.type.identity.as_stored(texts)
