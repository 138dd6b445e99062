"""Several of the options that the form gives: a list of them in one cell."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.field import Field, Option
from import_worker.forms.json_values import json_text
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.rules import RuleCompiler
from import_worker.forms.series import trim
from import_worker.forms.suggestions.choices import suggest_emptying, suggest_meanings, suggest_separator
from import_worker.forms.suggestions.plain_words import nearest_option
from import_worker.forms.suggestions.suggestion import Cure, FieldErrors, Suggestion
from import_worker.forms.types.decimals import decimal_of
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.options import Options, options_equal_to, options_greater_than
from import_worker.forms.types.reading import JsonForm, Reader, Reading
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, among, never
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

# A member of a stored list.
_MEMBER = r'(?:"(?:[^"\\]|\\.)*"|[^",\[\]]+)'


@dataclass(frozen=True)
class MultiselectReader:
    options: Sequence[Option]
    separator: str
    problems: Sequence[Problem] = (Sentence.NOT_AN_OPTION.problem(),)
    trims: bool = False
    json_form: JsonForm = JsonForm.AS_IS
    _found: Options = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", Options.of(self.options, lambda option: json_text(option.value)))

    def quick(self, cells: pl.Expr) -> pl.Expr:
        # Splitting lists is expensive, and the same few combinations occur again and again.
        return pl.lit(None, pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        distinct = pl.DataFrame({"cell": cells.unique()})
        read = distinct.select(
            "cell",
            self._array(pl.col("cell"), self._found.loosely).alias("stored"),
            blank=self._pieces(pl.col("cell")).list.len() == 0,
        ).with_columns(problem=pl.when(pl.col("stored").is_null() & ~pl.col("blank")).then(pl.lit(0, pl.UInt8)))
        spread = pl.DataFrame({"cell": cells}).join(read, on="cell", how="left", maintain_order="left")
        return Reading(spread["stored"], spread["problem"])

    def _pieces(self, cells: pl.Expr) -> pl.Expr:
        trimmed = pl.element().str.strip_chars()
        return cells.str.split(self.separator).list.eval(trimmed.filter(trimmed != ""))

    def _array(self, cells: pl.Expr, find: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
        # A piece that is no option is null, and makes the whole list null.
        found = self._pieces(cells).list.eval(find(pl.element()))
        joined = found.list.join(",", ignore_nulls=False)
        return pl.when(found.list.len() > 0).then("[" + joined + "]")


def _compact_lists(texts: pl.Series) -> pl.Series:
    """Removes the blanks that PostgreSQL writes behind the commas of a list."""
    return pl.Series([_compact(text) for text in texts], dtype=pl.String)


def _compact(text: str) -> str:
    try:
        members = json.loads(text)
    except ValueError:  # the host may have stored something other than a list
        return text
    return "[" + ",".join(map(json_text, members)) + "]" if isinstance(members, list) else text


def _suggest_options(errors: FieldErrors) -> Suggestion | None:
    separator, options = errors.entry.list_separator, errors.field.options

    def meant(cell: str) -> str | None:
        pieces = [trim(piece) for piece in cell.split(separator)]
        found = [nearest_option(piece, options) for piece in pieces if piece]
        names = [option.text for option in found if option]
        return separator.join(names) if names and len(names) == len(found) else None

    return suggest_meanings(errors, meant, "none of the options")


class MultiselectType(FieldType):
    takes_options = True
    mapping_options = frozenset({MappingOption.CASE, MappingOption.SEPARATOR})
    rules: Mapping[str, RuleCompiler] = {}
    identity = Identity(as_stored=_compact_lists)
    can_be_looked_up = False
    describes_file = False
    secret: Secret | None = None
    likeness: Likeness | None = None
    cures: Mapping[str, Sequence[Cure]] = {
        RowErrorType.INVALID_OPTION: (suggest_emptying, suggest_separator, _suggest_options)
    }

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return MultiselectReader(field.options, entry.list_separator)

    def is_missing(self, stored: pl.Series) -> pl.Series:
        return stored.is_null()

    def equals(self, value: object, field: Field) -> ValueTest:
        """A list equals a list of the same members in the same order; a list of one also equals its member."""
        members = value if isinstance(value, list) else [value]
        arrays = [""]
        for member in members:
            found = [json_text(option.value) for option in options_equal_to(member, field.options)]
            arrays = [f"{array},{text}" if array else text for array in arrays for text in found]
        return among([f"[{array}]" for array in arrays if array])

    def contains(self, value: object, field: Field) -> ValueTest:
        found = [pl.escape_regex(json_text(option.value)) for option in options_equal_to(value, field.options)]
        if not found:
            return never
        expression = rf"^\[(?:{_MEMBER},)*(?:{'|'.join(found)})[,\]]"
        return lambda stored: stored.str.contains(expression)

    def greater_than(self, value: object, field: Field) -> ValueTest:
        """Only a list of one member can be greater than a number."""
        limit = decimal_of(value)
        if limit is None:
            return never
        return among([f"[{json_text(option.value)}]" for option in options_greater_than(limit, field.options)])
