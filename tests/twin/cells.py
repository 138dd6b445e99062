"""From a cell to the stored value of its field."""

from typing import Any

from .contacts import read_email, read_phone, tidy_postal_code
from .dates import read_date
from .decimals import json_text, read_number
from .files import StoredFile, read_file
from .markup import sanitise
from .options import find_option, find_options
from .text import change_case, is_empty, same_ignoring_case, trim
from .type_failure import TypeFailure

Stored = str | bool | list[str] | StoredFile | None
"""What a payload holds: text, ``Digits``, a boolean, a list of options, a file; None when the field is missing."""

YES = {"true", "yes", "y", "1", "on"}
NO = {"false", "no", "n", "0", "off"}


NOT_AN_EMAIL = TypeFailure("invalid_email", "Not an e-mail address")
NOT_A_PHONE = TypeFailure("invalid_phone", "Not a phone number")


def is_filled(options: dict[str, Any], cell: str) -> bool:
    """Whether there is something in the cell, and the mapping's values leave something in it."""
    return not is_empty(cell) and not is_empty(_replaced(cell, options.get("values") or {}))


def read_cell(field: dict[str, Any], options: dict[str, Any], cell: str) -> Stored | TypeFailure:
    """``options`` are those of the mapping for this field's header."""
    text = _supplied(options, cell)
    return None if is_empty(text) else _typed(field, options, text)


def has_content(options: dict[str, Any], cell: str) -> bool:
    """Whether there is something to read after ``values`` and ``default``."""
    return not is_empty(_supplied(options, cell))


def _supplied(options: dict[str, Any], cell: str) -> str:
    text = _replaced(cell, options.get("values") or {})
    return _text(options.get("default")) if is_empty(text) else text


def _replaced(cell: str, values: dict[str, Any]) -> str:
    wanted = trim(cell)
    for key, value in values.items():
        if trim(key) == wanted:
            return _text(value)
    for key, value in values.items():
        if same_ignoring_case(trim(key), wanted):
            return _text(value)
    return cell


def _text(value: Any) -> str:
    return "" if value is None else json_text(value)


def _typed(field: dict[str, Any], options: dict[str, Any], cell: str) -> Stored | TypeFailure:  # noqa: PLR0911
    kind = field["type"]
    if kind == "number":
        digits = read_number(cell)
        return TypeFailure("invalid_number", "Not a number") if digits is None else digits
    if kind == "date":
        day, message = read_date(cell, options.get("date_formats") or [])
        return TypeFailure("invalid_date", message) if day is None else day
    if kind == "checkbox":
        word = trim(cell).lower()
        if word in YES or word in NO:
            return word in YES
        return TypeFailure("invalid_boolean", "Not yes or no")
    if kind == "file":
        return read_file(field, cell)
    text = change_case(cell, options.get("case"))
    if kind == "select":
        option = find_option(field, text)
        return TypeFailure("invalid_option", "Not one of the options") if option is None else option
    if kind == "multiselect":
        found = find_options(field, text, options.get("separator") or ",")
        return TypeFailure("invalid_option", "Not one of the options") if found is None else (found or None)
    if kind == "rich_text":
        html = sanitise(text)
        return None if is_empty(html) else html
    return _plain(kind, options.get("normalize"), text)


def _plain(kind: str, normalize: str | None, text: str) -> str | TypeFailure:
    """Text, textarea, email and phone."""
    is_text = kind in {"text", "textarea"}
    if kind == "email" or (is_text and normalize == "email"):
        email = read_email(text, normalize=normalize == "email")
        return NOT_AN_EMAIL if email is None else email
    if kind == "phone" or (is_text and normalize == "phone"):
        phone = read_phone(text, normalize=normalize == "phone")
        return NOT_A_PHONE if phone is None else phone
    return tidy_postal_code(text) if normalize == "postal_code" else text
