"""Numbers: read, and compared, as decimals, so that no digit is lost to binary rounding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from import_worker.forms.series import for_each_distinct, settle, trim
from import_worker.forms.types.reading import JsonForm, Problem, Reading, judged

NOT_A_NUMBER = Problem("invalid_number", "Not a number")

# PostgreSQL's numeric: https://www.postgresql.org/docs/current/datatype-numeric.html
_MAX_WHOLE_DIGITS = 131_072
_MAX_FRACTION_DIGITS = 16_383

_CANONICAL = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
# sign, whole with optional fraction or fraction alone, sign and digits of the exponent
_WRITTEN = (
    r"^(?P<sign>[+-]?)"
    r"(?:(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<fraction>[0-9]*))?|\.(?P<only_fraction>[0-9]+))"
    r"(?:[eE](?P<exponent_sign>[+-]?)(?P<exponent>[0-9]+))?$"
)


@dataclass(frozen=True)
class Number:
    problems: Sequence[Problem] = (NOT_A_NUMBER,)
    trims: bool = True
    json_form: JsonForm = JsonForm.AS_IS

    def quick(self, cells: pl.Expr) -> pl.Expr:
        short = cells.str.len_bytes() < _MAX_FRACTION_DIGITS
        return pl.when(cells.str.contains(_CANONICAL) & short).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        parts = cells.str.extract_groups(_WRITTEN).struct.unnest()
        whole = pl.col("whole").fill_null("").str.replace_all(",", "", literal=True).str.strip_chars_start("0")
        fraction = pl.coalesce("fraction", "only_fraction", pl.lit(""))
        # Absurdly long exponents do not fit, become null, and are refused like any null.
        size = pl.col("exponent").str.strip_chars_start("0")
        size = pl.when(size == "").then(pl.lit("0")).otherwise(size)
        shift = (
            pl.when(pl.col("exponent").is_null())
            .then(0)
            .otherwise((pl.col("exponent_sign") + size).cast(pl.Int64, strict=False))
        )
        fits = (whole.str.len_bytes().cast(pl.Int64) + shift <= _MAX_WHOLE_DIGITS) & (
            fraction.str.len_bytes().cast(pl.Int64) - shift <= _MAX_FRACTION_DIGITS
        )
        written = pl.concat_str(
            pl.when(pl.col("sign") == "-").then(pl.lit("-")).otherwise(pl.lit("")),
            pl.when(whole == "").then(pl.lit("0")).otherwise(whole),
            pl.when(fraction == "").then(pl.lit("")).otherwise("." + fraction),
            pl.when(pl.col("exponent").is_null())
            .then(pl.lit(""))
            .otherwise("e" + pl.col("exponent_sign").str.strip_chars("+") + size),
        )
        return judged(parts.select(pl.when(pl.col("sign").is_not_null() & fits).then(written)).to_series())


def written_numbers(texts: pl.Series) -> pl.Series:
    """Texts that a number field would accept, as it would store them; null where it would not, or there is none."""
    number = Number()
    trimmed = texts.str.strip_chars()
    quick = pl.select(number.quick(pl.lit(trimmed))).to_series()
    return settle(quick, trimmed, lambda cells: number.careful(cells).stored)


@dataclass(frozen=True)
class Comparison:
    """How a stored number compares with ``limit``: Int8 -1, 0 or 1, null where there is no number."""

    limit: Decimal

    def answer(self, stored: pl.Series) -> pl.Series:
        rounded, limit = pl.lit(stored).cast(pl.Float64, strict=False), float(self.limit)
        # Rounding keeps order, so only numbers that round to the same float need a closer look.
        sign = pl.when(rounded < limit).then(-1).when(rounded > limit).then(1)
        quick = pl.select(sign.cast(pl.Int8)).to_series()
        return settle(quick, stored, self._exactly)

    def _exactly(self, stored: pl.Series) -> pl.Series:
        return for_each_distinct(stored, lambda texts: [self._sign(text) for text in texts], pl.Int8)

    def _sign(self, text: str) -> int:
        number = Decimal(text)
        return (number > self.limit) - (number < self.limit)


def decimal_of(value: object) -> Decimal | None:
    """A JSON number, or a string that is written as a number cell may be; else ``None``."""
    match value:
        case bool():
            return None
        case int() | float():
            return Decimal(str(value))
        case str() if re.fullmatch(_WRITTEN.strip("^$"), trim(value)):
            try:
                return Decimal(trim(value).replace(",", ""))
            except InvalidOperation:
                return None
        case _:
            return None
