"""Does a field's condition hold in this row?"""

from decimal import Decimal
from typing import Any

from .cells import Stored
from .dates import iso_date
from .decimals import Digits, as_decimal, json_text, read_number


def holds(conditional: dict[str, Any], types: dict[str, str], values: dict[str, Stored]) -> bool:
    """``types`` and ``values`` are those of the form's fields, by their keys."""
    if conditional["field"] not in types:
        return False
    other_type, stored = types[conditional["field"]], values[conditional["field"]]
    operator, value = conditional["operator"], conditional["value"]
    if operator == "not_equals":
        return stored is None or not _equals(stored, value)
    if stored is None:
        return False
    if operator == "equals":
        return _equals(stored, value)
    if operator == "contains":
        return _contains(stored, value)
    return _greater(stored, value, other_type)


def _equals(stored: Stored, value: Any) -> bool:
    if isinstance(stored, list):
        if isinstance(value, list):
            return len(stored) == len(value) and all(map(_equals, stored, value))
        return len(stored) == 1 and _equals(stored[0], value)
    if isinstance(value, list | dict) or value is None:
        return False
    if isinstance(stored, bool):
        return value is stored or value == ("true" if stored else "false")
    if isinstance(stored, Digits):
        return Decimal(stored) == as_decimal(value)
    return stored == json_text(value)


def _contains(stored: Stored, value: Any) -> bool:
    if isinstance(value, list | dict) or value is None:
        return False
    if isinstance(stored, list):
        return any(_equals(member, value) for member in stored)
    if isinstance(stored, str) and not isinstance(stored, Digits):
        return json_text(value) in stored
    return False


def _greater(stored: Stored, value: Any, other_type: str) -> bool:
    if other_type == "date":
        day, limit_day = iso_date(stored), iso_date(value)
        return day is not None and limit_day is not None and day > limit_day
    if isinstance(stored, list):
        return len(stored) == 1 and _greater(stored[0], value, "select")
    if not isinstance(stored, str):
        return False
    number, limit = read_number(stored), as_decimal(value)
    return number is not None and limit is not None and Decimal(number) > limit
