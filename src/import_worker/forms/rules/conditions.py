"""Compiles a field's condition on another field into a test."""

from import_worker.forms.field import Condition, Field, Operator
from import_worker.forms.types.value_tests import ValueTest


def compile_condition(condition: Condition, other: Field) -> ValueTest:
    """Returns a test of the other field's stored values (String, null where missing); its answers hold no null.

    Raises ``ValueError``, whose text ends a sentence that begins with the condition.
    """
    match condition.operator:
        case Operator.EQUALS:
            test = other.type.equals(condition.value, other)
        case Operator.NOT_EQUALS:
            equals = other.type.equals(condition.value, other)
            return lambda stored: ~equals(stored).fill_null(value=False)
        case Operator.CONTAINS:
            test = other.type.contains(condition.value, other)
        case Operator.GREATER_THAN:
            test = other.type.greater_than(condition.value, other)
        case unknown:
            *most, last = map(str, Operator)
            raise ValueError(f"has the operator {unknown!r}, which is none of {', '.join(most)} and {last}")
    return lambda stored: test(stored).fill_null(value=False)
