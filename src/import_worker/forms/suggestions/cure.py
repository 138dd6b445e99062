"""Which cure, if one, all errors of a type have that a job has in one column.

A suggestion with a target was tried: with it, the validator's own readers read every one of the cells (and its rules
let them through, where a rule was what refused them). Nothing is suggested that a person would have to undo: no
default for what is missing, and nothing from cells that are masked or cut.
"""

from collections.abc import Callable

from import_worker.forms.definition import FieldType
from import_worker.forms.suggestions.choices import suggest_choices, suggest_nothing
from import_worker.forms.suggestions.dates import suggest_date_formats
from import_worker.forms.suggestions.numbers import suggest_number_style
from import_worker.forms.suggestions.rules import suggest_spelling
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion

MIN_ERRORS = 3
"""One or two cells are mended sooner than a mapping is written, and say little about the rest of a column."""

MAX_CELL_CHARACTERS = 200
"""Longer cells than this are no dates, options or codes, and are not looked at."""

_MASK = "***"  # what the reports show of a sensitive field; such a field has no legible cell

_SUGGEST: dict[str, tuple[Callable[[FieldErrors], Suggestion | None], ...]] = {
    "invalid_date": (suggest_date_formats,),
    "invalid_option": (suggest_choices,),
    "invalid_boolean": (suggest_choices,),
    "invalid_number": (suggest_number_style,),
    "invalid_email": (),
    "invalid_phone": (),
    "validation": (suggest_spelling,),
}
CURABLE = frozenset(_SUGGEST)
"""Error types that a mapping, or a word about it, can do something about."""


def suggest(errors: FieldErrors) -> Suggestion | None:
    """The one cure of all these errors, or None."""
    if errors.total < MIN_ERRORS or errors.looked_at < MIN_ERRORS or not all(map(_legible, errors.cells)):
        return None
    if errors.field.sensitive or errors.field.type is FieldType.FILE or errors.error_type not in CURABLE:
        return None
    if errors.error_type != "validation" and (nothing := suggest_nothing(errors)):
        return nothing
    return next((found for suggest_one in _SUGGEST[errors.error_type] if (found := suggest_one(errors))), None)


def _legible(cell: str) -> bool:
    return cell.strip() not in ("", _MASK) and len(cell) <= MAX_CELL_CHARACTERS
