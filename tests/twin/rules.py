"""The rules of a field, on a stored value that is there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import regress

from .cells import Stored
from .dates import iso_date
from .decimals import as_decimal, json_text


def broken_rules(field: dict[str, Any], stored: Stored) -> Iterator[str]:
    """The messages of the rules that the value breaks, in the definition's order."""
    for rule in field.get("validation") or []:
        default = _breaks(field["type"], rule, stored)
        if default is not None:
            yield rule.get("message") or default


def _breaks(kind: str, rule: dict[str, Any], stored: Stored) -> str | None:  # noqa: PLR0911
    """The default message if the value breaks the rule, else None."""
    if not isinstance(stored, str):
        return None
    name: str = rule["type"]
    value: Any = rule.get("value")
    if name == "min_length" and len(stored) < int(value):
        return f"Must have at least {json_text(value)} characters"
    if name == "max_length" and len(stored) > int(value):
        return f"Must have at most {json_text(value)} characters"
    if name == "pattern" and not _found(value, stored):
        return "Does not match the expected pattern"
    if name == "min" and _compare(kind, stored, value) < 0:
        return f"Must be at least {json_text(value)}"
    if name == "max" and _compare(kind, stored, value) > 0:
        return f"Must be at most {json_text(value)}"
    return None


def _found(pattern: str, text: str) -> bool:
    try:
        expression = regress.Regex(pattern, "u")
    except regress.RegressError:
        expression = regress.Regex(pattern)
    return expression.find(text) is not None


def _compare(kind: str, stored: str, value: Any) -> int:
    """Below, at or above the limit: -1, 0, 1. 0 where the two cannot be compared."""
    if kind == "number":
        number, limit = Decimal(stored), as_decimal(value)
        return 0 if limit is None else (number > limit) - (number < limit)
    if kind == "date":
        day, limit_day = iso_date(stored), iso_date(value)
        return 0 if day is None or limit_day is None else (day > limit_day) - (day < limit_day)
    return 0
