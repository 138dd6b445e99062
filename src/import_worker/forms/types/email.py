"""E-mail addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption, Normalize
from import_worker.forms.suggestions.choices import suggest_emptying
from import_worker.forms.suggestions.spelling import suggest_spelling
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_all
from import_worker.forms.types.textual import TextualType
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

_EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"


@dataclass(frozen=True)
class EmailReader:
    lower: bool = False
    problems: Sequence[Problem] = (Sentence.NOT_AN_EMAIL.problem(),)
    trims: bool = True
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(cells.str.contains(_EMAIL)).then(cells.str.to_lowercase() if self.lower else cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refuse_all(cells)


class EmailType(TextualType):
    mapping_options = frozenset({MappingOption.CASE, MappingOption.NORMALIZE})
    likeness = Likeness()
    cures: Mapping[str, Sequence[Cure]] = {
        RowErrorType.INVALID_EMAIL: (suggest_emptying,),
        RowErrorType.VALIDATION: (suggest_spelling,),
    }

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return EmailReader(lower=entry.normalize is Normalize.EMAIL)
