"""Numbers, stored with every digit that the cell has."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.rules import NUMBER_RULES, RuleCompiler
from import_worker.forms.series import complete
from import_worker.forms.suggestions.choices import suggest_emptying
from import_worker.forms.suggestions.numbers import suggest_number_style
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.decimals import WRITTEN, Comparison, decimal_of
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_nulls
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, never
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

# PostgreSQL's numeric: https://www.postgresql.org/docs/current/datatype-numeric.html
_MAX_WHOLE_DIGITS = 131_072
_MAX_FRACTION_DIGITS = 16_383

_CANONICAL = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"
_STORED = r"^(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?(?:[eE](?P<exponent>[+-]?[0-9]+))?$"


@dataclass(frozen=True)
class NumberReader:
    problems: Sequence[Problem] = (Sentence.NOT_A_NUMBER.problem(),)
    trims: bool = True
    json_form: JsonForm = JsonForm.AS_IS

    def quick(self, cells: pl.Expr) -> pl.Expr:
        short = cells.str.len_bytes() < _MAX_FRACTION_DIGITS
        return pl.when(cells.str.contains(_CANONICAL) & short).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        parts = cells.str.extract_groups(WRITTEN).struct.unnest()
        whole = pl.col("whole").fill_null("").str.replace_all(",", "", literal=True).str.strip_chars_start("0")
        fraction = pl.coalesce("fraction", "only_fraction", pl.lit(""))
        # An exponent that does not fit an Int64 becomes null, and the cell is refused.
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
        return refuse_nulls(parts.select(pl.when(pl.col("sign").is_not_null() & fits).then(written)).to_series())


def written_numbers(texts: pl.Series) -> pl.Series:
    """The texts as a number field would store them; null where it would not accept the text, or where there is none."""
    number = NumberReader()
    trimmed = texts.str.strip_chars()
    quick = pl.select(number.quick(pl.lit(trimmed))).to_series()
    return complete(quick, trimmed, lambda cells: number.careful(cells).stored)


def _plain_numbers(stored: pl.Series) -> pl.Series:
    """Each number as its digits without zeros at either end, times a power of ten: equal numbers have equal texts."""
    parts = stored.str.extract_groups(_STORED).struct.unnest()
    fraction = pl.col("fraction").fill_null("")
    digits = pl.concat_str("whole", fraction)
    short = digits.str.strip_chars_end("0")
    dropped = digits.str.len_bytes().cast(pl.Int64) - short.str.len_bytes().cast(pl.Int64)
    power = (
        pl.col("exponent").cast(pl.Int64, strict=False).fill_null(0) + dropped - fraction.str.len_bytes().cast(pl.Int64)
    )
    bare = short.str.strip_chars_start("0")
    written = pl.when(bare == "").then(pl.lit("0")).otherwise(pl.concat_str("sign", bare, pl.lit("e"), power))
    # What the host stored for a number field may be no number; it stays as it is.
    return parts.select(pl.coalesce(written, pl.lit(stored))).to_series()


class NumberType(FieldType):
    takes_options = False
    mapping_options: Collection[MappingOption] = ()
    rules: Mapping[str, RuleCompiler] = NUMBER_RULES
    identity = Identity(comparable=_plain_numbers)
    can_be_looked_up = True
    describes_file = False
    secret: Secret | None = None
    likeness = Likeness()
    cures: Mapping[str, Sequence[Cure]] = {RowErrorType.INVALID_NUMBER: (suggest_emptying, suggest_number_style)}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return NumberReader()

    def is_missing(self, stored: pl.Series) -> pl.Series:
        return stored.is_null()

    def equals(self, value: object, field: Field) -> ValueTest:
        limit = decimal_of(value)
        return never if limit is None else (lambda stored: Comparison(limit).answer(stored) == 0)

    def contains(self, value: object, field: Field) -> ValueTest:
        return never

    def greater_than(self, value: object, field: Field) -> ValueTest:
        limit = decimal_of(value)
        return never if limit is None else (lambda stored: Comparison(limit).answer(stored) == 1)
