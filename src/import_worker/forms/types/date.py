"""Dates: ISO, Excel serial numbers, and the formats that a mapping names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.suggestions.choices import suggest_emptying
from import_worker.forms.suggestions.dates import suggest_date_formats
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.date_formats import FINAL_SIGMA, MONTHS, SIGMA, DateFormat
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading
from import_worker.forms.types.textual import TextualType
from import_worker.forms.types.value_tests import ValueTest, never
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

_EXCEL_EPOCH = date(1899, 12, 30)
_FIRST_YEAR_PIVOT = 69  # two-digit years from here are of the 1900s, as POSIX has it

_NOT_A_DATE, _NO_SUCH_DATE, _AMBIGUOUS = range(3)

# Matches all days of the years 0001 to 9999; the last line matches 29 February of leap years.
_MULTIPLE_OF_4 = "(?:0[48]|[2468][048]|[13579][26])"  # but 00
_ISO_PLAIN = (
    r"^(?:(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rf"|(?:[0-9]{{2}}{_MULTIPLE_OF_4}|{_MULTIPLE_OF_4}00)-02-29)$"
)
_HOURS, _SIXTY = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_TIME = f"{_HOURS}:{_SIXTY}(?::{_SIXTY}(?:[.,][0-9]{{1,9}})?)?"
_ZONE = f"(?:[Zz]|[+-]{_HOURS}(?::?{_SIXTY})?)"
_ISO = f"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[Tt ]{_TIME}{_ZONE}?)?$"
_EXCEL = r"^([0-9]{5})(?:\.[0-9]+)?$"


@dataclass(frozen=True)
class DateReader:
    formats: Sequence[DateFormat] = ()
    trims: bool = True
    json_form: JsonForm = JsonForm.PLAIN_STRING
    problems: Sequence[Problem] = field(init=False)

    def __post_init__(self) -> None:
        known = " or ".join(["YYYY-MM-DD", *(known.text for known in self.formats)])
        problems = (
            Sentence.NOT_A_DATE.problem(formats=known),
            Sentence.NO_SUCH_DATE.problem(),
            Sentence.AMBIGUOUS_DATE.problem(),
        )
        object.__setattr__(self, "problems", problems)

    def quick(self, cells: pl.Expr) -> pl.Expr:
        if self.formats:
            return pl.lit(None, pl.String)
        return pl.when(cells.str.contains(_ISO_PLAIN)).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        distinct = pl.DataFrame({"cell": cells.unique()})
        candidates = [_iso(pl.col("cell")), _excel(pl.col("cell"))]
        lowered = pl.col("cell").str.to_lowercase().str.replace_all(FINAL_SIGMA, SIGMA, literal=True)
        candidates += [_formatted(lowered, known) for known in self.formats]
        # Each candidate is the text of a date that may not exist, or null.
        written = distinct.select("cell", *(text.alias(f"{n}") for n, text in enumerate(candidates)))
        names = [f"{n}" for n in range(len(candidates))]
        read = written.with_columns(_existing(pl.col(name)).alias(f"day{name}") for name in names)
        days = [pl.col(f"day{name}") for name in names]
        earliest, latest = pl.min_horizontal(days), pl.max_horizontal(days)
        problem = (
            pl.when(pl.all_horizontal(pl.col(name).is_null() for name in names))
            .then(_NOT_A_DATE)
            .when(earliest.is_null())
            .then(_NO_SUCH_DATE)
            .when(earliest != latest)
            .then(_AMBIGUOUS)
            .cast(pl.UInt8)
        )
        answers = read.select("cell", problem=problem, stored=earliest)
        answers = answers.with_columns(stored=pl.when(pl.col("problem").is_null()).then("stored"))
        spread = pl.DataFrame({"cell": cells}).join(answers, on="cell", how="left", maintain_order="left")
        return Reading(spread["stored"], spread["problem"])


def _iso_date(value: object) -> date | None:
    """A ``YYYY-MM-DD`` string as a date; else ``None``."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _iso(cell: pl.Expr) -> pl.Expr:
    return cell.str.extract(_ISO, 1)


def _excel(cell: pl.Expr) -> pl.Expr:
    days = cell.str.extract(_EXCEL, 1).cast(pl.Int32)
    return (pl.lit(_EXCEL_EPOCH) + pl.duration(days=days)).dt.to_string("%Y-%m-%d")


def _formatted(cell: pl.Expr, known: DateFormat) -> pl.Expr:
    parts = cell.str.extract_groups(known.pattern).struct
    if "(?P<year>" in known.pattern:
        year = parts.field("year")
    else:
        short = parts.field("short_year")
        century = pl.when(short.cast(pl.Int8) >= _FIRST_YEAR_PIVOT).then(pl.lit("19")).otherwise(pl.lit("20"))
        year = century + short
    if "(?P<month>" in known.pattern:
        month = parts.field("month").str.zfill(2)
    else:
        numbers = {name[:3]: f"{number:02}" for number, name in enumerate(MONTHS, start=1)}
        month = parts.field("month_name").str.head(3).replace_strict(numbers, return_dtype=pl.String)
    return pl.concat_str(year, month, parts.field("day").str.zfill(2), separator="-")


def _existing(text: pl.Expr) -> pl.Expr:
    """The text itself where there is such a day in the years 0001 to 9999, else null."""
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.is_not_null() & ~text.str.starts_with("0000")).then(text)


class DateType(TextualType):
    mapping_options = frozenset({MappingOption.DATE_FORMATS})
    likeness = Likeness()
    cures: Mapping[str, Sequence[Cure]] = {RowErrorType.INVALID_DATE: (suggest_emptying, suggest_date_formats)}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return DateReader(tuple(map(DateFormat.parse, entry.date_formats)))

    def greater_than(self, value: object, field: Field) -> ValueTest:
        """Whether stored dates are later than ``value``, which must be an ISO date."""
        day = _iso_date(value)
        # ISO dates sort as text.
        return never if day is None else (lambda stored: stored > day.isoformat())
