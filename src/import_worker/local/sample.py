"""Generating a member registry for the demo, the benchmark and tests: no real person, and the same bytes for the same
seed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

BATCH_ROWS = 10_000
BAD_SHARE = 0.02

_FIRST = [
    "Ama",
    "Béa",
    "Chloé",
    "Dário",
    "Élise",
    "Fynn",
    "Günay",
    "Håkon",
    "Inès",
    "José",
    "Kaï",
    "Łucja",
    "Maël",
    "Noor",
]
_SYLLABLES = [
    "bel",
    "cor",
    "dan",
    "fort",
    "gar",
    "hul",
    "lam",
    "mer",
    "nor",
    "pel",
    "quin",
    "ros",
    "sav",
    "tur",
    "vil",
    "wes",
]
_LEVELS = ["Beginner", "Intermediate", "Advanced", "Élite"]
_SPORTS = ["soccer", "hockey", "tennis", "ski", "rowing"]
_NOTES = [
    "",
    "",
    "",
    "Prefers morning training",
    'Nickname "Flash", plays left wing',
    "Allergic to nuts; carries an inhaler",
    "Two lines:\nsecond line here",
    "Déjà inscrit l'an dernier",
    "Knee, 2019; cleared",
]

FORM: dict[str, Any] = {
    "fields": [
        {
            "key": "member_number",
            "type": "text",
            "label": "Member number",
            "required": True,
            "validation": [{"type": "pattern", "value": "^M-\\d{7}$", "message": "Must look like M-0001234"}],
        },
        {
            "key": "first_name",
            "type": "text",
            "label": "First name",
            "required": True,
            "validation": [{"type": "max_length", "value": 50, "message": "At most 50 characters"}],
        },
        {
            "key": "last_name",
            "type": "text",
            "label": "Last name",
            "required": True,
            "validation": [{"type": "min_length", "value": 2, "message": "At least 2 characters"}],
        },
        {"key": "email", "type": "email", "label": "E-mail", "required": True, "dataClassification": "personal"},
        {"key": "phone", "type": "phone", "label": "Phone", "dataClassification": "personal"},
        {
            "key": "birth_date",
            "type": "date",
            "label": "Birth date",
            "required": True,
            "dataClassification": "personal",
        },
        {"key": "joined_on", "type": "date", "label": "Joined on"},
        {
            "key": "level",
            "type": "select",
            "label": "Level",
            "required": True,
            "options": [{"value": level.lower(), "label": level} for level in _LEVELS],
        },
        {
            "key": "sports",
            "type": "multiselect",
            "label": "Sports",
            "options": [{"value": sport, "label": sport.title()} for sport in _SPORTS],
        },
        {
            "key": "fee",
            "type": "number",
            "label": "Fee paid",
            "validation": [
                {"type": "min", "value": 0, "message": "Cannot be negative"},
                {"type": "max", "value": 5000, "message": "At most 5,000"},
            ],
        },
        {"key": "postal_code", "type": "text", "label": "Postal code"},
        {"key": "consent", "type": "checkbox", "label": "Consent", "required": True},
        {"key": "notes", "type": "textarea", "label": "Notes", "dataClassification": "sensitive"},
    ]
}
"""The 13-field form of the demo and of contract section 12."""

Integers = npt.NDArray[np.int64]


def registry(rows: int, *, bad_share: float = BAD_SHARE, seed: int = 1) -> Iterator[bytes]:
    """Yields the blocks of a CSV file of ``rows`` members; a share of ``bad_share`` has an error. Memory stays
    constant."""
    header = ",".join(str(field["label"]) for field in FORM["fields"])
    yield f"{header}\n".encode()
    for first in range(0, rows, BATCH_ROWS):
        random = np.random.default_rng([seed, first])
        yield _batch(random, first + 1, min(BATCH_ROWS, rows - first), bad_share)


def _batch(random: np.random.Generator, first: int, count: int, bad_share: float) -> bytes:
    number = np.arange(first, first + count)
    name = _pick(random, _FIRST, count)
    surname = (_pick(random, _SYLLABLES, count) + _pick(random, _SYLLABLES, count)).str.to_titlecase()
    frame = pl.DataFrame(
        {
            "number": pl.Series(number).cast(pl.String).str.zfill(7),
            "name": name,
            "surname": surname,
            "phone": pl.Series(random.integers(2_000_000, 9_999_999, count)).cast(pl.String),
            "born": _days(random, count, "1950-01-01", 60 * 365),
            "joined": _days(random, count, "2015-01-01", 10 * 365),
            "level": _pick(random, _LEVELS, count),
            "sports": _pick(random, ["", "Soccer", "hockey, ski", "Tennis,rowing", "ski"], count),
            "cents": pl.Series(random.integers(1_000, 90_000, count)),
            "letter": _pick(random, list("ABCEGHJKLM"), count),
            "digits": pl.Series(random.integers(100, 999, count)).cast(pl.String),
            "consent": _pick(random, ["yes", "Y", "true", "1"], count),
            "notes": _pick(random, _NOTES, count),
        }
    )
    fault = np.where(random.random(count) < bad_share, random.integers(1, len(_FAULTS) + 1, count), 0)
    frame = frame.with_columns(pl.Series("fault", fault)).select(
        member_number=pl.format("M-{}", "number"),
        first_name="name",
        last_name="surname",
        email=pl.format("{}.{}@example.org", pl.col("surname").str.to_lowercase(), "number"),
        phone=pl.format("+1 604 {}", "phone"),
        birth_date="born",
        joined_on="joined",
        level="level",
        sports="sports",
        fee=pl.format("{}.{}", pl.col("cents") // 100, (pl.col("cents") % 100).cast(pl.String).str.zfill(2)),
        postal_code=pl.format(
            "V{}{} {}{}{}",
            pl.col("digits").str.head(1),
            "letter",
            pl.col("digits").str.slice(1, 1),
            "letter",
            pl.col("digits").str.tail(1),
        ),
        consent="consent",
        notes="notes",
        fault="fault",
    )
    for code, (column, value) in enumerate(_FAULTS, start=1):
        frame = frame.with_columns(
            pl.when(pl.col("fault") == code).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        )
    return frame.drop("fault").write_csv(include_header=False).encode()


_FAULTS = [
    ("email", "not-an-address"),
    ("birth_date", "1990-02-30"),
    ("birth_date", "03/04/1990"),
    ("level", "Expert"),
    ("last_name", ""),
    ("fee", "twelve"),
    ("fee", "-5"),
    ("consent", "no"),
    ("phone", "12"),
    ("member_number", "=1+1"),
]


def _pick(random: np.random.Generator, values: list[str], count: int) -> pl.Series:
    return pl.Series(values).gather(random.integers(0, len(values), count))


def _days(random: np.random.Generator, count: int, start: str, span: int) -> pl.Series:
    return pl.Series((np.datetime64(start) + random.integers(0, span, count)).astype("datetime64[D]")).cast(pl.String)
