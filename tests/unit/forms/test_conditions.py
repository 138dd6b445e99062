"""Conditions on another field's stored value."""

from collections.abc import Callable

import polars as pl
import pytest

from import_worker.forms.conditions import holds
from import_worker.forms.definition import Condition, FormDefinition, Operator
from import_worker.forms.validator import Validated

Run = Callable[..., Validated]
OPTIONS = [{"value": "a"}, {"value": 5}, {"value": "5.0"}, {"value": ","}, {"value": 'x","a'}, {"value": "(b)"}]


def meets(kind: str, operator: str, value: object, stored: str | None) -> bool:
    other = FormDefinition.parse({"fields": [{"key": "o", "type": kind, "options": OPTIONS}]}).fields[0]
    condition = Condition.model_validate({"field": "o", "operator": Operator(operator), "value": value})
    answer: bool = holds(condition, other)(pl.Series([stored], dtype=pl.String)).item()
    return answer


@pytest.mark.parametrize("operator", ["equals", "contains", "greater_than"])
@pytest.mark.parametrize("kind", ["text", "number", "date", "select", "multiselect", "checkbox"])
@pytest.mark.parametrize("value", ["a", "", 5, True, None, [], "2024-01-01"])
def test_a_missing_value_meets_nothing(kind: str, operator: str, value: object) -> None:
    assert meets(kind, operator, value, None) is False
    assert meets(kind, "not_equals", value, None) is True


@pytest.mark.parametrize(
    ("kind", "stored", "value", "equal"),
    [
        ("text", "a", "a", True),
        ("text", "a", "A", False),
        ("text", "5", 5, True),
        ("text", "5.0", 5, False),
        ("text", "true", True, True),
        ("text", "a", None, False),
        ("text", "a", ["a"], False),
        ("number", "5.00", 5, True),
        ("number", "5e0", "5", True),
        ("number", "5", "five", False),
        ("number", "1", True, False),
        ("number", "0.1000000000000000000001", 0.1, False),
        ("checkbox", "true", True, True),
        ("checkbox", "true", "true", True),
        ("checkbox", "false", False, True),
        ("checkbox", "false", "no", False),
        ("checkbox", "true", 1, False),
        ("date", "2024-01-01", "2024-01-01", True),
        ("select", "a", "a", True),
        ("select", "5", 5.0, True),
        ("select", "5", "5", True),
        ("select", "5.0", 5, False),
        ("multiselect", '["a"]', "a", True),
        ("multiselect", '["a",5]', "a", False),
        ("multiselect", '["a",5]', ["a", 5], True),
        ("multiselect", '["a",5]', [5, "a"], False),
        ("multiselect", '["a"]', ["a", "nowhere"], False),
        ("multiselect", '["a"]', [], False),
    ],
)
def test_equals(kind: str, stored: str, value: object, *, equal: bool) -> None:
    assert meets(kind, "equals", value, stored) is equal
    assert meets(kind, "not_equals", value, stored) is not equal


@pytest.mark.parametrize(
    ("kind", "stored", "value", "contained"),
    [
        ("text", "hockey", "ock", True),
        ("text", "a.c", ".", True),
        ("text", "abc", ".", False),
        ("text", "Hockey", "h", False),
        ("date", "2024-01-01", "2024", True),
        ("number", "55", "5", False),
        ("checkbox", "true", "true", False),
        ("select", "a", "a", True),
        ("select", "5", "5", False),
        ("multiselect", '["a",5]', "a", True),
        ("multiselect", '["a",5]', 5, True),
        ("multiselect", '["x\\",\\"a"]', "a", False),
        ("multiselect", '["x\\",\\"a",","]', ",", True),
        ("multiselect", '["x\\",\\"a","a"]', ",", False),
        ("multiselect", '["a","(b)"]', "(b)", True),
        ("multiselect", '["a"]', "nowhere", False),
        ("multiselect", '["a"]', None, False),
    ],
)
def test_contains(kind: str, stored: str, value: object, *, contained: bool) -> None:
    assert meets(kind, "contains", value, stored) is contained


@pytest.mark.parametrize(
    ("kind", "stored", "value", "greater"),
    [
        ("number", "18.0000000000000000000001", 18, True),
        ("number", "18.0", "18", False),
        ("number", "19", "x", False),
        ("date", "2024-01-02", "2024-01-01", True),
        ("date", "2024-01-01", "2024-01-01", False),
        ("date", "2024-01-02", "yesterday", False),
        ("select", "5", 4, True),
        ("select", "5.0", 4, False),
        ("text", "9", 1, False),
    ],
)
def test_greater_than(kind: str, stored: str, value: object, *, greater: bool) -> None:
    assert meets(kind, "greater_than", value, stored) is greater


def test_a_condition_spares_required_and_rules(run: Run) -> None:
    fields = [
        {"key": "minor", "type": "checkbox"},
        {
            "key": "guardian",
            "type": "text",
            "required": True,
            "validation": [{"type": "min_length", "value": 3}],
            "conditional": {"field": "minor", "operator": "equals", "value": True},
        },
    ]

    result = run(fields, [["yes", ""], ["yes", "Al"], ["no", ""], ["no", "Al"], ["maybe", ""], ["yes", "Ann"]])

    assert result.errors.select("row", "field_key", "error_type").rows() == [
        (1, "guardian", "required"),
        (2, "guardian", "validation"),
        (5, "minor", "invalid_boolean"),
    ]
    assert result.payloads["row"].to_list() == [3, 4, 6]


def test_a_condition_may_be_on_an_unmapped_field(run: Run) -> None:
    condition = {"field": "a", "operator": "not_equals", "value": "x"}
    fields = [{"key": "a", "type": "text"}, {"key": "b", "type": "text", "required": True, "conditional": condition}]

    result = run(fields, [["x", ""]], {})

    assert result.errors.rows() == [(1, "b", "required", "Missing required field", "", None)]
