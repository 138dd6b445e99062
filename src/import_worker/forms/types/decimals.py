"""Decimals: the syntax of numbers, and exact comparison without binary rounding."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from import_worker.forms.series import complete, for_each_distinct, trim

# sign, whole with optional fraction or fraction alone, sign and digits of the exponent
WRITTEN = (
    r"^(?P<sign>[+-]?)"
    r"(?:(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<fraction>[0-9]*))?|\.(?P<only_fraction>[0-9]+))"
    r"(?:[eE](?P<exponent_sign>[+-]?)(?P<exponent>[0-9]+))?$"
)
"""Matches a trimmed cell that is a number."""


@dataclass(frozen=True)
class Comparison:
    """Compares stored numbers with ``limit``: -1, 0 or 1 (Int8), null where there is no number."""

    limit: Decimal

    def answer(self, stored: pl.Series) -> pl.Series:
        rounded, limit = pl.lit(stored).cast(pl.Float64, strict=False), float(self.limit)
        # Rounding keeps order, so only numbers that round to the same float need a closer look.
        sign = pl.when(rounded < limit).then(-1).when(rounded > limit).then(1)
        quick = pl.select(sign.cast(pl.Int8)).to_series()
        return complete(quick, stored, self._exactly)

    def _exactly(self, stored: pl.Series) -> pl.Series:
        return for_each_distinct(stored, lambda texts: [self._sign(text) for text in texts], pl.Int8)

    def _sign(self, text: str) -> int:
        number = Decimal(text)
        return (number > self.limit) - (number < self.limit)


def decimal_of(value: object) -> Decimal | None:
    """The value of a JSON number, or of a string that a number field would accept; else ``None``."""
    match value:
        case bool():
            return None
        case int() | float():
            return Decimal(str(value))
        case str() if re.fullmatch(WRITTEN.strip("^$"), trim(value)):
            try:
                return Decimal(trim(value).replace(",", ""))
            except InvalidOperation:
                return None
        case _:
            return None
