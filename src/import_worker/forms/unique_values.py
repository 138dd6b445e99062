"""Digests of stored values: equal values have equal digests, wherever they are stored. Pure."""

import polars as pl

from import_worker.forms.field import Field

_SEEDS = (0x5011, 0x571C)
"""Any two different numbers would do: each seed gives a hash of 64 bits, together 128 bits. A file with a billion
different values has two with the same 128 bits with a probability of about 10^-20."""


def digests(field: Field, stored: pl.Series) -> pl.DataFrame:
    """``high`` and ``low`` (UInt64) of each stored value (String, no nulls), in order.

    Values that are equal for the field's type (``1``, ``1.0`` and ``10e-1`` of a number) have the same digest.
    """
    assert field.type.identity is not None  # else it is no unique field
    values = field.type.identity.comparable(stored)
    high, low = (values.hash(seed) for seed in _SEEDS)
    return pl.DataFrame({"high": high, "low": low})


def as_stored(field: Field, texts: pl.Series) -> pl.Series:
    """Converts values from the text that PostgreSQL's ``payload->>key`` gives to this program's stored values."""
    assert field.type.identity is not None  # else it is no unique field
    return field.type.identity.as_stored(texts)
