"""Cells that are no option, or neither yes nor no: what to map them to, or where to split them."""

from collections.abc import Mapping, Sequence

from import_worker.forms.definition import FieldType, json_text
from import_worker.forms.series import trim
from import_worker.forms.suggestions.plain_words import means_nothing, nearest_option, yes_or_no
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion, shown

_MAX_VALUES = 20
"""More different cells than these nobody maps by hand."""

_SHOWN_VALUES = 5
_SEPARATORS = (";", "|", "/", ",", "\n", "&", "+", " and ", " - ", "\t", " ")


def suggest_choices(errors: FieldErrors) -> Suggestion | None:
    """For a select, multiselect or checkbox: a separator, or values."""
    if errors.field.type is FieldType.MULTISELECT and (split := _suggest_separator(errors)):
        return split
    cells = _distinct(errors.cells)
    if len(cells) > _MAX_VALUES:
        return None
    proposals = {cell: _proposal(cell, errors) for cell in cells}
    known = {cell: value for cell, value in proposals.items() if value is not None}
    if len(known) < len(proposals):
        return _ask(errors, proposals)
    return suggest_values(errors, {cell: value or None for cell, value in known.items()}, "can be mapped")


def suggest_nothing(errors: FieldErrors) -> Suggestion | None:
    """For any type: cells such as ``n/a`` that stand for no cell at all, where the field may be missing."""
    cells = _distinct(errors.cells)
    if errors.field.required or len(cells) > _MAX_VALUES or not all(map(means_nothing, cells)):
        return None
    return suggest_values(errors, dict.fromkeys(cells), "say that there is nothing")


def suggest_values(errors: FieldErrors, values: Mapping[str, str | None], what: str) -> Suggestion | None:
    """The mapping's own ``values`` with these in addition; ``None`` empties a cell."""
    new = {_key(cell) for cell in values}
    kept = [(cell, value) for cell, value in errors.target.values if _key(cell) not in new]
    target = errors.changed(values=[*kept, *values.items()])
    if not errors.all_read(target):
        return None
    pairs = [f"{shown(cell)}: {json_text(value)}" for cell, value in values.items()]
    return Suggestion(errors, f"{errors.subject} {what}: add {_entry(pairs)} to {errors.place}.", target)


def _suggest_separator(errors: FieldErrors) -> Suggestion | None:
    present = errors.target.separator or ","
    for separator in _SEPARATORS:
        if separator == present or not any(separator in trim(cell) for cell in errors.cells):
            continue
        target = errors.changed(separator=separator)
        if errors.all_read(target):
            entry = f'"separator": {json_text(separator)}'
            return Suggestion(
                errors,
                f"{errors.subject} are lists split at {json_text(separator)}: add {entry} to {errors.place}, which then"
                f" splits no cell at {json_text(present)}.",
                target,
            )
    return None


def _proposal(cell: str, errors: FieldErrors) -> str | None:
    """What the cell is plainly meant to be; an empty text if it is meant to be empty."""
    field = errors.field
    match field.type:
        case FieldType.CHECKBOX:
            meant = yes_or_no(cell)
        case FieldType.MULTISELECT:
            separator = errors.target.separator or ","
            pieces = [trim(piece) for piece in cell.split(separator)]
            options = [nearest_option(piece, field.options) for piece in pieces if piece]
            names = [option.text for option in options if option]
            meant = separator.join(names) if names and len(names) == len(options) else None
        case _:
            option = nearest_option(cell, field.options)
            meant = option.text if option else None
    return "" if meant is None and not field.required and means_nothing(cell) else meant


def _ask(errors: FieldErrors, proposals: Mapping[str, str | None]) -> Suggestion:
    unknown = [cell for cell, value in proposals.items() if value is None]
    names = ", ".join(map(shown, unknown[:_SHOWN_VALUES])) + (", ..." if len(unknown) > _SHOWN_VALUES else "")
    wanted = "neither yes nor no" if errors.field.type is FieldType.CHECKBOX else "none of the options"
    # What must be decided comes first, what is plain after it.
    pairs = [f"{shown(cell)}: ..." for cell in unknown]
    pairs += [f"{shown(cell)}: {json_text(value or None)}" for cell, value in proposals.items() if value is not None]
    return Suggestion(
        errors, f"{errors.subject} are {wanted} ({names}): say what they mean, with {_entry(pairs)} in {errors.place}."
    )


def _entry(pairs: Sequence[str]) -> str:
    return '"values": {' + ", ".join(pairs[:_SHOWN_VALUES]) + (", ..." if len(pairs) > _SHOWN_VALUES else "") + "}"


def _distinct(cells: Mapping[str, int]) -> list[str]:
    """The cells trimmed, the first of those that differ only in case."""
    found: dict[str, str] = {}
    for cell in cells:
        found.setdefault(_key(cell), trim(cell))
        if len(found) > _MAX_VALUES:
            break
    return list(found.values())


def _key(cell: str) -> str:
    return trim(cell).lower()
