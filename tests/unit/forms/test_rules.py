"""Rules of a field, by type and at their limits."""

from collections.abc import Callable

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.rules.rules import compile_rules

Read = Callable[..., str]


def passes(answer: str) -> bool:
    return not answer.startswith("validation:")


@pytest.mark.parametrize(
    ("kind", "rule", "value", "cell", "passed"),
    [
        ("text", "min_length", 2, "é😀", True),
        ("text", "min_length", 3, "é😀", False),
        ("text", "max_length", "2", "é😀", True),
        ("text", "max_length", 0, "a", False),
        ("text", "max_length", 1, " a", False),
        ("rich_text", "max_length", 8, "<b>x</b><script>long</script>", True),
        ("email", "max_length", 5, "  a@b.c  ", True),
        ("number", "max_length", 0, "007", True),
        ("number", "min_length", "nonsense", "7", True),
        ("number", "pattern", "(", "7", True),
        ("select", "pattern", "^a$", "b", False),
        ("select", "max_length", 0, "5", True),
        ("select", "min", 9, "5", True),
        ("date", "max_length", 9, "2024-01-01", False),
        ("text", "pattern", "b", "abc", True),
        ("text", "pattern", "^b$", "abc", False),
        ("number", "pattern", "^x$", "1,000", True),
        ("date", "pattern", "^2024", "2023-01-01", False),
        ("text", "pattern", " ", "ab", False),
        ("number", "min", 0.1, "0.1", True),
        ("number", "min", 0.1, "0.09999999999999999999", False),
        ("number", "max", "1,000", "1e3", True),
        ("number", "max", 9007199254740992, "9007199254740993", False),
        ("date", "min", "2024-01-01", "2023-12-31", True),
        ("date", "max", "nonsense", "2024-01-02", True),
        ("text", "min", "nonsense", "a", True),
        ("text", "custom", {"any": "thing"}, "a", True),
        ("text", "telepathy", None, "a", True),
        ("checkbox", "min_length", "nonsense", "yes", True),
    ],
)
def test_rules(read_cell: Read, kind: str, rule: str, value: object, cell: str, *, passed: bool) -> None:
    field = {"type": kind, "options": [{"value": "b"}, {"value": 5}], "validation": [{"type": rule, "value": value}]}
    assert passes(read_cell(cell, field)) is passed


@pytest.mark.parametrize("rule", ["min_length", "max_length", "pattern"])
@pytest.mark.parametrize("void", [{}, {"value": None}, {"value": ""}])
def test_a_text_rule_without_a_value_is_none(read_cell: Read, rule: str, void: dict[str, object]) -> None:
    assert read_cell("a", {"type": "text", "validation": [{"type": rule, "message": "No", **void}]}) == '"a"'


@pytest.mark.parametrize("rule", ["min", "max"])
@pytest.mark.parametrize("void", [{}, {"value": None}, {"value": ""}, {"value": " "}])
def test_a_number_rule_without_a_value_is_none(read_cell: Read, rule: str, void: dict[str, object]) -> None:
    assert read_cell("1", {"type": "number", "validation": [{"type": rule, "message": "No", **void}]}) == "1"


def test_an_empty_cell_meets_every_rule(read_cell: Read) -> None:
    rules = [{"type": "min_length", "value": 1}, {"type": "pattern", "value": "x"}]
    assert read_cell("", {"type": "text", "validation": rules}) == "missing"


@pytest.mark.parametrize(
    ("kind", "cell", "rule", "message"),
    [
        ("text", "a", {"type": "min_length", "value": 2}, "Must have at least 2 characters"),
        ("text", "abc", {"type": "max_length", "value": "2"}, "Must have at most 2 characters"),
        ("text", "a", {"type": "pattern", "value": "b"}, "Does not match the expected pattern"),
        ("number", "1", {"type": "min", "value": 1.50}, "Must be at least 1.5"),
        ("number", "2", {"type": "max", "value": "1.50"}, "Must be at most 1.50"),
        ("text", "a", {"type": "min_length", "value": 2, "message": "Longer, please"}, "Longer, please"),
        ("text", "a", {"type": "min_length", "value": 2, "message": ""}, "Must have at least 2 characters"),
    ],
)
def test_messages(read_cell: Read, kind: str, cell: str, rule: dict[str, object], message: str) -> None:
    assert read_cell(cell, {"type": kind, "validation": [rule]}) == f"validation: {message}"


def test_every_failing_rule_is_told_in_order(read_cell: Read) -> None:
    rules = [{"type": "pattern", "value": "z", "message": str(n)} for n in range(3)]
    assert read_cell("a", {"type": "text", "validation": rules}) == "validation: 0; validation: 1; validation: 2"


@pytest.mark.parametrize(
    ("kind", "rule", "value", "complaint"),
    [
        ("text", "min_length", -1, "a whole number"),
        ("text", "min_length", 1.5, "a whole number"),
        ("text", "max_length", True, "a whole number"),
        ("text", "max_length", "1e999999", "a whole number"),
        ("number", "min", "x", "must be a number"),
        ("number", "max", "2024-01-01", "must be a number"),
        ("text", "pattern", "(", "not a regular expression"),
        ("text", "pattern", "a" * 5_001, "longer than 5,000 characters"),
        ("text", "pattern", 5, "must be a string"),
    ],
)
def test_unusable_values(kind: str, rule: str, value: object, complaint: str) -> None:
    field = {"key": "f", "type": kind, "validation": [{"type": rule, "value": value}]}
    with pytest.raises(JobFailed, match=f"field 'f': the value of its rule {rule} .*{complaint}") as caught:
        compile_rules(FormDefinition.parse({"fields": [field]}).fields[0])
    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION
