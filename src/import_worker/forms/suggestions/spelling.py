"""Suggestions for cells that a rule refuses, but would accept in another case or normal form."""

from itertools import islice

from import_worker.errors import ImportWorkerError
from import_worker.forms.json_values import json_text
from import_worker.forms.mapping_entry import Case, Normalize
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion

_FIRST_CELLS = 100
"""These are tried first: a few cells show most changes that do not help, and patterns may be slow."""

_POSTAL_CODE = "^[A-Z][0-9][A-Z] [0-9][A-Z][0-9]$"

_CHANGES: tuple[tuple[str, str, str], ...] = (
    ("case", Case.UPPER, "in upper case"),
    ("case", Case.LOWER, "in lower case"),
    ("case", Case.TITLE, "in title case"),
    ("normalize", Normalize.POSTAL_CODE, "when put into the form of a postal code"),
    ("normalize", Normalize.EMAIL, "when trimmed and in lower case, as e-mail addresses"),
    ("normalize", Normalize.PHONE, "in the form of an international phone number"),
)


def suggest_spelling(errors: FieldErrors) -> Suggestion | None:
    """Suggests a ``case`` or ``normalize`` with which every cell passes all of the field's rules."""
    first = list(islice(errors.cells, _FIRST_CELLS))
    for option, value, how in _CHANGES:
        if getattr(errors.entry, option) is not None:
            continue
        entry = errors.changed(**{option: value})
        try:
            helps = errors.all_pass(entry, first) and errors.all_pass(entry)
            # Normalising a postal code also trims and upper-cases other text. Suggest it only for postal codes.
            if helps and value is Normalize.POSTAL_CODE:
                helps = bool(errors.read(entry).stored.str.contains(_POSTAL_CODE).all())
        except ImportWorkerError:  # a pattern is too slow, or its helper process died; nobody needs the suggestion
            return None
        if helps:
            member = f"{json_text(option)}: {json_text(str(value))}"
            return Suggestion(
                errors,
                f"{errors.subject} pass {how}: add {member} to {errors.where}, which changes every cell of the column.",
                entry,
            )
    return None
