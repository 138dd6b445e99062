"""Finds the cure, if there is one, for all errors of one type in one column of a job.

A suggestion with an entry was tried: with it, the validator's own readers accept every one of the cells (and so do the
field's rules, if a rule had refused them). Nothing is suggested that a person would have to undo: no default for
missing values, and nothing derived from cells that are masked or cut.
"""

from collections.abc import Iterable

from import_worker.forms.field import Field
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion
from import_worker.row_errors.raw_value import MASK

MIN_ERRORS = 3
"""One or two cells are corrected faster than a mapping is written, and say little about the rest of a column."""

MAX_CELL_CHARACTERS = 200
"""Cells longer than this are no dates, options or codes, and nothing is suggested for them."""


def list_curable_types(fields: Iterable[Field]) -> set[str]:
    """The error types for which one of these fields has a cure."""
    return {error_type for field in fields for error_type in field.type.cures}


def suggest(errors: FieldErrors) -> Suggestion | None:
    """The first suggestion that cures all these errors, or None."""
    if errors.total < MIN_ERRORS or errors.looked_at < MIN_ERRORS or not all(map(_is_legible, errors.cells)):
        return None
    if errors.field.sensitive:
        return None
    cures = errors.field.type.cures.get(errors.error_type, ())
    return next((found for cure in cures if (found := cure(errors))), None)


def _is_legible(cell: str) -> bool:
    return cell.strip() not in ("", MASK) and len(cell) <= MAX_CELL_CHARACTERS
