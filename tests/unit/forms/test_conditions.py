"""Conditions on another field's stored value."""

from collections.abc import Callable

import polars as pl
import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import Condition, Operator
from import_worker.forms.rules.conditions import compile_condition
from import_worker.forms.validator import Validated

Run = Callable[..., Validated]
OPTIONS = [{"value": "a"}, {"value": 5}, {"value": "5.0"}, {"value": ","}, {"value": 'x","a'}, {"value": "(b)"}]


def meets(kind: str, operator: str, value: object, stored: str | None) -> bool:
    other = FormDefinition.parse({"fields": [{"key": "o", "type": kind, "options": OPTIONS}]}).fields[0]
    condition = Condition.model_validate({"field": "o", "operator": Operator(operator), "value": value})
    answer: bool = compile_condition(condition, other)(pl.Series([stored], dtype=pl.String)).item()
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
        ("select", "5.0", 4, True),
        ("select", "5.0", "4,999", False),
        ("select", "5", "x", False),
        ("select", "a", 4, False),
        ("multiselect", "[5]", "4", True),
        ("multiselect", '["5.0"]', 4, True),
        ("multiselect", '["a",5]', 4, False),
        ("multiselect", '["a"]', 4, False),
        ("text", "9", 1, True),
        ("text", "10", "9", True),
        ("text", " 1,000 ", 999, True),
        ("text", "9", "10", False),
        ("text", "9", "b", False),
        ("text", "b", 1, False),
        ("text", "2024-01-02", "2024-01-01", False),
        ("phone", "6045550123", 5, True),
        ("checkbox", "true", 0, False),
        ("date", "2024-01-02", 5, False),
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


def test_a_select_of_numbers_written_as_text_compares_them_as_numbers(run: Run) -> None:
    fields = [
        {"key": "teams", "type": "select", "options": [{"value": text} for text in ("1", "2", "10")]},
        {
            "key": "reason",
            "type": "text",
            "required": True,
            "conditional": {"field": "teams", "operator": "greater_than", "value": "5"},
        },
    ]

    result = run(fields, [["10", ""], ["2", ""], ["", ""]])

    assert result.errors.select("row", "field_key", "error_type").rows() == [(1, "reason", "required")]


@pytest.mark.parametrize("operator", ["equals", "not_equals", "contains", "greater_than", "matches", None])
@pytest.mark.parametrize("other", ["gone", "", 7, None])
def test_a_condition_on_a_field_that_is_not_there_never_holds(run: Run, other: object, operator: object) -> None:
    condition = {"field": other, "operator": operator, "value": "x"}
    rules = [{"type": "min_length", "value": 3}, {"type": "pattern", "value": "("}]
    fields = [{"key": "b", "type": "text", "required": True, "validation": rules, "conditional": condition}]

    result = run(fields, [[""], ["a"]])

    assert result.payloads["payload"].to_list() == ["{}", '{"b":"a"}']


@pytest.mark.parametrize(
    ("extra", "mapping", "refused"),
    [
        ({"required": True}, {"a": "a"}, True),
        ({"required": True}, {"b": "b"}, True),
        ({"validation": [{"type": "min_length", "value": 1}]}, {"b": "b"}, True),
        ({"validation": [{"type": "min_length", "value": 1}]}, {"a": "a"}, False),
        ({"validation": [{"type": "min_length", "value": ""}]}, {"b": "b"}, False),
        ({}, {"b": "b"}, False),
    ],
)
def test_an_unknown_operator_matters_where_the_condition_does(
    run: Run, extra: dict[str, object], mapping: dict[str, object], *, refused: bool
) -> None:
    condition = {"field": "a", "operator": "less_than", "value": 5}
    fields = [{"key": "a", "type": "number"}, {"key": "b", "type": "text", "conditional": condition, **extra}]

    if not refused:
        assert len(run(fields, [["7", "x"]], mapping).payloads) == 1
        return
    with pytest.raises(JobFailed, match="field 'b': its condition has the operator 'less_than', which is") as caught:
        run(fields, [["7", "x"]], mapping)
    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION


def test_a_condition_may_be_on_an_unmapped_field(run: Run) -> None:
    condition = {"field": "a", "operator": "not_equals", "value": "x"}
    fields = [{"key": "a", "type": "text"}, {"key": "b", "type": "text", "required": True, "conditional": condition}]

    result = run(fields, [["x", ""]], {})

    assert result.errors.rows() == [(1, "b", "required", "Missing required field", "", None)]
