"""Which cure, if one, all errors of a type have that a job has in one column.

A suggestion with an entry was tried: with it, the validator's own readers read every one of the cells (and its rules
let them through, where a rule was what refused them). Nothing is suggested that a person would have to undo: no
default for what is missing, and nothing from cells that are masked or cut.
"""

from collections.abc import Iterable

from import_worker.forms.field import Field
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion
from import_worker.row_errors.raw_value import MASK

MIN_ERRORS = 3
"""One or two cells are mended sooner than a mapping is written, and say little about the rest of a column."""

MAX_CELL_CHARACTERS = 200
"""Longer cells than this are no dates, options or codes, and are not looked at."""


def curable(fields: Iterable[Field]) -> set[str]:
    """The error types that a mapping, or a word about it, can do something about in one of these fields."""
    return {error_type for field in fields for error_type in field.type.cures}


def suggest(errors: FieldErrors) -> Suggestion | None:
    """The one cure of all these errors, or None."""
    if errors.total < MIN_ERRORS or errors.looked_at < MIN_ERRORS or not all(map(_legible, errors.cells)):
        return None
    if errors.field.sensitive:
        return None
    cures = errors.field.type.cures.get(errors.error_type, ())
    return next((found for cure in cures if (found := cure(errors))), None)


def _legible(cell: str) -> bool:
    return cell.strip() not in ("", MASK) and len(cell) <= MAX_CELL_CHARACTERS
