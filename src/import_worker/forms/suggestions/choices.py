"""Suggestions for cells that are no option, or neither yes nor no: what to map them to, or where to split them."""

from collections.abc import Callable, Mapping, Sequence

from import_worker.forms.json_values import json_text
from import_worker.forms.series import trim
from import_worker.forms.suggestions.plain_words import means_nothing
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion, quote_cell

_MAX_VALUES = 20
"""Nobody maps more different cells than this by hand."""

_SHOWN_VALUES = 5
_SEPARATORS = (";", "|", "/", ",", "\n", "&", "+", " and ", " - ", "\t", " ")


def suggest_meanings(errors: FieldErrors, meant: Callable[[str], str | None], unlike: str) -> Suggestion | None:
    """Suggests ``values`` for cells that the field does not accept. ``unlike`` ends a sentence about such cells.
    ``meant`` returns the value that a cell obviously means, or None."""
    cells = _distinct(errors.cells)
    if len(cells) > _MAX_VALUES:
        return None
    proposals = {cell: _proposal(cell, errors, meant) for cell in cells}
    known = {cell: value for cell, value in proposals.items() if value is not None}
    if len(known) < len(proposals):
        return _ask(errors, proposals, unlike)
    return suggest_values(errors, {cell: value or None for cell, value in known.items()}, "can be mapped")


def suggest_emptying(errors: FieldErrors) -> Suggestion | None:
    """Suggests emptying cells such as ``n/a``, which mean that there is no value, if the field may be missing. For any
    type."""
    cells = _distinct(errors.cells)
    if errors.field.required or len(cells) > _MAX_VALUES or not all(map(means_nothing, cells)):
        return None
    return suggest_values(errors, dict.fromkeys(cells), "say that there is nothing")


def suggest_values(errors: FieldErrors, values: Mapping[str, str | None], what: str) -> Suggestion | None:
    """Suggests the entry's own ``values`` and these in addition; ``None`` empties a cell."""
    new = {_key(cell) for cell in values}
    kept = [(cell, value) for cell, value in errors.entry.values if _key(cell) not in new]
    entry = errors.changed(values=[*kept, *values.items()])
    if not errors.all_read(entry):
        return None
    pairs = [f"{quote_cell(cell)}: {json_text(value)}" for cell, value in values.items()]
    return Suggestion(errors, f"{errors.subject} {what}: add {_values(pairs)} to {errors.where}.", entry)


def suggest_separator(errors: FieldErrors) -> Suggestion | None:
    """Suggests, for lists, a separator with which all cells are lists of options."""
    present = errors.entry.list_separator
    for separator in _SEPARATORS:
        if separator == present or not any(separator in trim(cell) for cell in errors.cells):
            continue
        entry = errors.changed(separator=separator)
        if errors.all_read(entry):
            member = f'"separator": {json_text(separator)}'
            return Suggestion(
                errors,
                f"{errors.subject} are lists split at {json_text(separator)}: add {member} to {errors.where}, which"
                f" then splits no cell at {json_text(present)}.",
                entry,
            )
    return None


def _proposal(cell: str, errors: FieldErrors, meant: Callable[[str], str | None]) -> str | None:
    """The value that the cell obviously means; an empty text if it means that there is no value; else None."""
    meaning = meant(cell)
    return "" if meaning is None and not errors.field.required and means_nothing(cell) else meaning


def _ask(errors: FieldErrors, proposals: Mapping[str, str | None], unlike: str) -> Suggestion:
    unknown = [cell for cell, value in proposals.items() if value is None]
    names = ", ".join(map(quote_cell, unknown[:_SHOWN_VALUES])) + (", ..." if len(unknown) > _SHOWN_VALUES else "")
    # Cells that a person must decide come first, obvious ones after them.
    pairs = [f"{quote_cell(cell)}: ..." for cell in unknown]
    pairs += [
        f"{quote_cell(cell)}: {json_text(value or None)}" for cell, value in proposals.items() if value is not None
    ]
    return Suggestion(
        errors, f"{errors.subject} are {unlike} ({names}): say what they mean, with {_values(pairs)} in {errors.where}."
    )


def _values(pairs: Sequence[str]) -> str:
    return '"values": {' + ", ".join(pairs[:_SHOWN_VALUES]) + (", ..." if len(pairs) > _SHOWN_VALUES else "") + "}"


def _distinct(cells: Mapping[str, int]) -> list[str]:
    """The cells trimmed; of those that differ only in case the first."""
    found: dict[str, str] = {}
    for cell in cells:
        found.setdefault(_key(cell), trim(cell))
        if len(found) > _MAX_VALUES:
            break
    return list(found.values())


def _key(cell: str) -> str:
    return trim(cell).lower()
