"""The rules of a field, on a stored value that is there."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import regress

from .cells import Stored
from .decimals import Digits, as_decimal, json_text
from .text import is_empty


def broken_rules(field: dict[str, Any], stored: Stored) -> Iterator[str]:
    """The messages of the rules that the value breaks, in the definition's order."""
    for rule in field.get("validation") or []:
        default = _breaks(field["type"], rule, stored)
        if default is not None:
            yield rule.get("message") or default


def _breaks(kind: str, rule: dict[str, Any], stored: Stored) -> str | None:  # noqa: PLR0911
    """The default message if the value breaks the rule, else None."""
    name: str = rule["type"]
    value: Any = rule.get("value")
    if value is None or value == "" or (name != "pattern" and isinstance(value, str) and is_empty(value)):
        return None
    if isinstance(stored, Digits):
        return _limit_broken(name, value, Decimal(stored)) if kind == "number" else None
    if not isinstance(stored, str):
        return None
    if name == "min_length" and len(stored) < int(value):
        return f"Must have at least {json_text(value)} characters"
    if name == "max_length" and len(stored) > int(value):
        return f"Must have at most {json_text(value)} characters"
    if name == "pattern" and not _found(value, stored):
        return "Does not match the expected pattern"
    return None


def _limit_broken(name: str, value: Any, number: Decimal) -> str | None:
    limit = as_decimal(value)
    if name == "min" and limit is not None and number < limit:
        return f"Must be at least {json_text(value)}"
    if name == "max" and limit is not None and number > limit:
        return f"Must be at most {json_text(value)}"
    return None


def _found(pattern: str, text: str) -> bool:
    try:
        expression = regress.Regex(pattern, "u")
    except regress.RegressError:
        expression = regress.Regex(pattern)
    return expression.find(text) is not None
