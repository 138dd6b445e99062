"""Yes or no."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.rules import RuleCompiler
from import_worker.forms.suggestions.choices import suggest_emptying, suggest_meanings
from import_worker.forms.suggestions.plain_words import yes_or_no
from import_worker.forms.suggestions.suggestion import Cure, FieldErrors, Suggestion
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import TO_THE_LETTER, Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_all
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, among, never
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), "true"),
    **dict.fromkeys(("false", "no", "n", "0", "off"), "false"),
}


@dataclass(frozen=True)
class CheckboxReader:
    problems: Sequence[Problem] = (Sentence.NOT_YES_OR_NO.problem(),)
    trims: bool = True
    json_form: JsonForm = JsonForm.AS_IS

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return cells.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        return refuse_all(cells)


def _suggest_truth(errors: FieldErrors) -> Suggestion | None:
    return suggest_meanings(errors, yes_or_no, "neither yes nor no")


class CheckboxType(FieldType):
    takes_options = False
    mapping_options: Collection[MappingOption] = ()
    rules: Mapping[str, RuleCompiler] = {}
    identity: Identity | None = TO_THE_LETTER
    can_be_looked_up = False
    describes_file = False
    secret: Secret | None = None
    likeness: Likeness | None = None
    cures: Mapping[str, Sequence[Cure]] = {RowErrorType.INVALID_BOOLEAN: (suggest_emptying, _suggest_truth)}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return CheckboxReader()

    def is_missing(self, stored: pl.Series) -> pl.Series:
        """A value of no is missing as well: a required box must be ticked."""
        return (stored != "true").fill_null(value=True)

    def equals(self, value: object, field: Field) -> ValueTest:
        return among([text for text in ("true", "false") if value in (text,) or value is (text == "true")])

    def contains(self, value: object, field: Field) -> ValueTest:
        return never

    def greater_than(self, value: object, field: Field) -> ValueTest:
        return never
