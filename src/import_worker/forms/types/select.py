"""One of the options that the form gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.field import Field, Option, Rule
from import_worker.forms.json_values import json_text, scalar_text
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.rules import TEXT_RULES, RuleCheck, RuleCompiler
from import_worker.forms.suggestions.choices import suggest_emptying, suggest_meanings
from import_worker.forms.suggestions.plain_words import nearest_option
from import_worker.forms.suggestions.suggestion import Cure, FieldErrors, Suggestion
from import_worker.forms.types.decimals import decimal_of
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.options import Options, options_equal_to, options_greater_than
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_nulls
from import_worker.forms.types.textual import TextualType
from import_worker.forms.types.value_tests import ValueTest, among, never
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence


@dataclass(frozen=True)
class SelectReader:
    options: Sequence[Option]
    problems: Sequence[Problem] = (Sentence.NOT_AN_OPTION.problem(),)
    trims: bool = True
    _found: Options = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", Options.of(self.options, lambda option: option.text))

    @property
    def json_form(self) -> JsonForm | Callable[[pl.Expr], pl.Expr]:
        texts = {option.text: json_text(option.value) for option in self.options}
        if all(json == f'"{text}"' for text, json in texts.items()):
            return JsonForm.PLAIN_STRING
        return lambda stored: stored.replace_strict(texts, default=None, return_dtype=pl.String)

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return self._found.exactly(cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refuse_nulls(pl.select(self._found.loosely(pl.lit(cells))).to_series())


def _sparing_numbers(compiler: RuleCompiler) -> RuleCompiler:
    """Compiles a rule about text so that options that are numbers pass it: they have no characters."""

    def compile_rule(rule: Rule, of: Field) -> RuleCheck:
        check = compiler(rule, of)
        numbers = [option.text for option in of.options if not isinstance(option.value, str)]
        if not numbers:
            return check
        return RuleCheck(check.problem, lambda stored, overruns: check.passes(stored, overruns) | stored.is_in(numbers))

    return compile_rule


def _suggest_options(errors: FieldErrors) -> Suggestion | None:
    def meant(cell: str) -> str | None:
        option = nearest_option(cell, errors.field.options)
        return option.text if option else None

    return suggest_meanings(errors, meant, "none of the options")


class SelectType(TextualType):
    takes_options = True
    mapping_options = frozenset({MappingOption.CASE})
    rules: Mapping[str, RuleCompiler] = {name: _sparing_numbers(compiler) for name, compiler in TEXT_RULES.items()}
    likeness = Likeness()
    cures: Mapping[str, Sequence[Cure]] = {RowErrorType.INVALID_OPTION: (suggest_emptying, _suggest_options)}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return SelectReader(field.options)

    def equals(self, value: object, field: Field) -> ValueTest:
        return among([option.text for option in options_equal_to(value, field.options)])

    def contains(self, value: object, field: Field) -> ValueTest:
        if not isinstance(value, str | int | float):
            return never
        part = scalar_text(value)
        return among([o.text for o in field.options if isinstance(o.value, str) and part in o.value])

    def greater_than(self, value: object, field: Field) -> ValueTest:
        limit = decimal_of(value)
        if limit is None:
            return never
        return among([option.text for option in options_greater_than(limit, field.options)])
