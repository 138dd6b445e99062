"""Text of any kind: ``text``, ``textarea``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption, Normalize
from import_worker.forms.suggestions.choices import suggest_emptying
from import_worker.forms.suggestions.spelling import suggest_spelling
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.email import EmailReader
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.phone import InternationalPhoneReader
from import_worker.forms.types.reading import JsonForm, Reader, Reading, accept_all
from import_worker.forms.types.textual import TextualType
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem


@dataclass(frozen=True)
class TextReader:
    problems: Sequence[Problem] = ()
    trims: bool = False
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return cells

    def careful(self, cells: pl.Series) -> Reading:
        return accept_all(cells)


@dataclass(frozen=True)
class PostalCodeReader(TextReader):
    """Text that is put into the form ``A1A 1A1`` where it is a Canadian postal code."""

    def quick(self, cells: pl.Expr) -> pl.Expr:
        spaced = cells.str.strip_chars().str.to_uppercase().str.replace_all(r"\s+", " ")
        return spaced.str.replace(r"^([A-Z][0-9][A-Z])[ -]?([0-9][A-Z][0-9])$", "${1} ${2}")


class TextType(TextualType):
    mapping_options = frozenset({MappingOption.CASE, MappingOption.NORMALIZE})
    likeness = Likeness(needs_pattern=True)
    cures: Mapping[str, Sequence[Cure]] = {
        RowErrorType.INVALID_EMAIL: (suggest_emptying,),
        RowErrorType.INVALID_PHONE: (suggest_emptying,),
        RowErrorType.VALIDATION: (suggest_spelling,),
    }

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        match entry.normalize:
            case None:
                return TextReader()
            case Normalize.EMAIL:
                return EmailReader(lower=True)
            case Normalize.PHONE:
                return InternationalPhoneReader()
            case Normalize.POSTAL_CODE:
                return PostalCodeReader()
            case unknown:
                assert_never(unknown)
