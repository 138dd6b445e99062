"""Stored values made comparable: two that are the same value have the same digest, wherever they stand. Pure."""

import json

import polars as pl

from import_worker.forms.definition import Field, FieldType, json_text

_SEEDS = (0x5011, 0x571C)
"""Any two that differ: each seed makes a hash of 64 bits of its own, and both together leave nothing to chance. Among a
billion values, two different ones have the same 128 bits once in 10^20 files."""

_NUMBER = r"^(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?(?:[eE](?P<exponent>[+-]?[0-9]+))?$"


def digests(field: Field, stored: pl.Series) -> pl.DataFrame:
    """``high`` and ``low`` (UInt64) of each stored value (String, no nulls), in order.

    Numbers are compared as numbers (``1``, ``1.0`` and ``10e-1`` are one), everything else to the letter.
    """
    values = _plain_numbers(stored) if field.type is FieldType.NUMBER else stored
    high, low = (values.hash(seed) for seed in _SEEDS)
    return pl.DataFrame({"high": high, "low": low})


def as_stored(field: Field, texts: pl.Series) -> pl.Series:
    """Values as PostgreSQL's ``payload->>key`` gives them, as this program stores them: PostgreSQL writes a list with
    blanks behind its commas."""
    if field.type is not FieldType.MULTISELECT:
        return texts
    return pl.Series([_compact(text) for text in texts], dtype=pl.String)


def _compact(text: str) -> str:
    try:
        members = json.loads(text)
    except ValueError:  # the host may have stored something else than a list
        return text
    return "[" + ",".join(map(json_text, members)) + "]" if isinstance(members, list) else text


def _plain_numbers(stored: pl.Series) -> pl.Series:
    """Each number as its digits without zeros at either end, and the power of ten that they are to be taken by."""
    parts = stored.str.extract_groups(_NUMBER).struct.unnest()
    fraction = pl.col("fraction").fill_null("")
    digits = pl.concat_str("whole", fraction)
    short = digits.str.strip_chars_end("0")
    dropped = digits.str.len_bytes().cast(pl.Int64) - short.str.len_bytes().cast(pl.Int64)
    power = (
        pl.col("exponent").cast(pl.Int64, strict=False).fill_null(0) + dropped - fraction.str.len_bytes().cast(pl.Int64)
    )
    bare = short.str.strip_chars_start("0")
    written = pl.when(bare == "").then(pl.lit("0")).otherwise(pl.concat_str("sign", bare, pl.lit("e"), power))
    # What the host stored for a number field may be none.
    return parts.select(pl.coalesce(written, pl.lit(stored))).to_series()
