"""Phone numbers, stored as they are written or, if the mapping says so, as E.164."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption, Normalize
from import_worker.forms.series import for_each_distinct
from import_worker.forms.suggestions.choices import suggest_emptying
from import_worker.forms.suggestions.spelling import suggest_spelling
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading, refuse_all, refuse_nulls
from import_worker.forms.types.textual import TextualType
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Problem, Sentence

# Numbers without a country code are read as Canadian, because Solstice's organisations are in Canada.
_PHONE_REGION = "CA"

_PHONE_NUMBER = r"[() \-./]*\+?[() \-./]*(?:[0-9][() \-./]*){7,15}"
# Spelt out, because (?i) would let a long s (U+017F) pass for s.
_PHONE_EXTENSION = r"\s*(?:[xX#]|[eE][xX][tT](?:\.|[eE][nN][sS][iI][oO][nN])?)\s*[0-9]{1,7}"
_PHONE = f"^({_PHONE_NUMBER})(?:{_PHONE_EXTENSION})?$"

# A date may look like a phone number, so such cells in another field's column do not show that it holds phone numbers.
_DAY = r"^\s*[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\b"


@dataclass(frozen=True)
class PhoneReader:
    problems: Sequence[Problem] = (Sentence.NOT_A_PHONE.problem(),)
    trims: bool = True
    # The white space before an extension may be a tab or a line end, which JSON escapes.
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(cells.str.contains(_PHONE)).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        return refuse_all(cells)


@dataclass(frozen=True)
class InternationalPhoneReader:
    """Reads phone numbers, to be stored as E.164."""

    problems: Sequence[Problem] = (Sentence.NOT_A_PHONE.problem(),)
    trims: bool = True
    json_form: JsonForm = JsonForm.PLAIN_STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.lit(None, pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        numbers = cells.str.extract(_PHONE, 1)
        stored = for_each_distinct(numbers.fill_null(""), lambda texts: [_e164(text) for text in texts], pl.String)
        return refuse_nulls(stored)


def _e164(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, _PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None
    # A local number without its area code is "possible", too, but as E.164 nobody could dial it.
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


class PhoneType(TextualType):
    mapping_options = frozenset({MappingOption.CASE, MappingOption.NORMALIZE})
    likeness = Likeness(mistakable=_DAY)
    cures: Mapping[str, Sequence[Cure]] = {
        RowErrorType.INVALID_PHONE: (suggest_emptying,),
        RowErrorType.VALIDATION: (suggest_spelling,),
    }

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return InternationalPhoneReader() if entry.normalize is Normalize.PHONE else PhoneReader()
