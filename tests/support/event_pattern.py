"""Matches EventBridge's patterns, as far as the template's rules use them, because moto does not support all of these.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from collections.abc import Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether all of the pattern's fields are found. Of an array, one element is enough."""
    if isinstance(event, list):
        return any(matches(pattern, element) for element in event)
    if not isinstance(event, dict):
        return False
    return all(_field(name, wanted, event) for name, wanted in pattern.items())


def _field(name: str, wanted: Any, event: Mapping[str, Any]) -> bool:
    if name == "$or":
        return any(matches(alternative, event) for alternative in wanted)
    if isinstance(wanted, dict):
        return matches(wanted, event.get(name))
    if name not in event:
        return False
    values = event[name] if isinstance(event[name], list) else [event[name]]
    return any(_value(condition, value) for condition in wanted for value in values)


def _value(condition: Any, value: Any) -> bool:
    if not isinstance(condition, dict):
        return bool(condition == value)
    ((kind, excluded),) = condition.items()
    assert kind == "anything-but", f"teach this matcher {kind!r}"
    return value not in excluded
