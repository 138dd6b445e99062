"""Options of select and multiselect fields."""

from typing import Any

from .decimals import Digits, is_json_number, json_text
from .text import same_ignoring_case, trim


def find_option(field: dict[str, Any], cell: str) -> str | None:
    """The stored value of the option that a cell names, or None."""
    wanted = trim(cell)
    options = field["options"]
    for option in options:
        if trim(json_text(option["value"])) == wanted:
            return _stored(options, option)
    for option in options:
        if same_ignoring_case(trim(json_text(option["value"])), wanted):
            return _stored(options, option)
    for option in options:
        label = option.get("label")
        if same_ignoring_case(trim(json_text(option["value"] if label is None else label)), wanted):
            return _stored(options, option)
    return None


def find_options(field: dict[str, Any], cell: str, separator: str) -> list[str] | None:
    """The stored values of the options that a list names (maybe none), or None if one is unknown."""
    found: list[str] = []
    for piece in cell.split(separator):
        if trim(piece):
            option = find_option(field, piece)
            if option is None:
                return None
            found.append(option)
    return found


def _stored(options: list[dict[str, Any]], found: dict[str, Any]) -> str:
    """Of several options with one value the first counts."""
    value = next(each["value"] for each in options if json_text(each["value"]) == json_text(found["value"]))
    return Digits(json_text(value)) if is_json_number(value) else json_text(value)
