"""Whether a field's condition on another field holds."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from import_worker.forms.definition import (
    Condition,
    Field,
    FieldType,
    Operator,
    Option,
    json_text,
    scalar_text,
)
from import_worker.forms.types.dates import iso_date
from import_worker.forms.types.decimals import Comparison, decimal_of, written_numbers

Test = Callable[[pl.Series], pl.Series]
"""The other field's stored values to Boolean; null, for a missing value, is false."""

_MEMBER = r'(?:"(?:[^"\\]|\\.)*"|[^",\[\]]+)'


def holds(condition: Condition, other: Field) -> Test:
    """A test of the other field's stored values (String, null where missing); its answers hold no null.

    Raises ``ValueError`` with what is wrong with the condition.
    """
    match condition.operator:
        case Operator.EQUALS:
            test = _equals(condition.value, other)
        case Operator.NOT_EQUALS:
            equals = _equals(condition.value, other)
            return lambda stored: ~equals(stored).fill_null(value=False)
        case Operator.CONTAINS:
            test = _contains(condition.value, other)
        case Operator.GREATER_THAN:
            test = _greater(condition.value, other)
        case unknown:
            *most, last = map(str, Operator)
            raise ValueError(f"has the operator {unknown!r}, which is none of {', '.join(most)} and {last}")
    return lambda stored: test(stored).fill_null(value=False)


def _never(stored: pl.Series) -> pl.Series:
    return pl.Series([False]).new_from_index(0, len(stored))


def _among(texts: list[str]) -> Test:
    return (lambda stored: stored.is_in(texts)) if texts else _never


def _equals(value: object, other: Field) -> Test:
    match other.type:
        case FieldType.FILE:
            return _never
        case FieldType.NUMBER:
            limit = decimal_of(value)
            return _never if limit is None else (lambda stored: Comparison(limit).answer(stored) == 0)
        case FieldType.CHECKBOX:
            return _among([text for text in ("true", "false") if value in (text,) or value is (text == "true")])
        case FieldType.SELECT:
            return _among([option.text for option in _equal_options(value, other)])
        case FieldType.MULTISELECT:
            members = value if isinstance(value, list) else [value]
            arrays = [""]
            for member in members:
                found = [json_text(option.value) for option in _equal_options(member, other)]
                arrays = [f"{array},{text}" if array else text for array in arrays for text in found]
            return _among([f"[{array}]" for array in arrays if array])
        case _:
            return _among([scalar_text(value)] if isinstance(value, str | int | float) else [])


def _contains(value: object, other: Field) -> Test:
    if not isinstance(value, str | int | float):
        return _never
    match other.type:
        case FieldType.NUMBER | FieldType.CHECKBOX | FieldType.FILE:
            return _never
        case FieldType.MULTISELECT:
            found = [pl.escape_regex(json_text(option.value)) for option in _equal_options(value, other)]
            if not found:
                return _never
            expression = rf"^\[(?:{_MEMBER},)*(?:{'|'.join(found)})[,\]]"
            return lambda stored: stored.str.contains(expression)
        case FieldType.SELECT:
            part = scalar_text(value)
            return _among([o.text for o in other.options if isinstance(o.value, str) and part in o.value])
        case _:
            return lambda stored: stored.str.contains(scalar_text(value), literal=True)


def _greater(value: object, other: Field) -> Test:
    if other.type is FieldType.DATE:
        day = iso_date(value)
        # ISO dates sort as text.
        return _never if day is None else (lambda stored: stored > day.isoformat())
    limit = decimal_of(value)
    if limit is None or other.type is FieldType.CHECKBOX:
        return _never
    match other.type:
        case FieldType.NUMBER:
            return lambda stored: Comparison(limit).answer(stored) == 1
        case FieldType.SELECT:
            return _among([option.text for option in _greater_options(limit, other)])
        case FieldType.MULTISELECT:
            return _among([f"[{json_text(option.value)}]" for option in _greater_options(limit, other)])
        case _:
            return lambda stored: Comparison(limit).answer(written_numbers(stored)) == 1


def _greater_options(limit: Decimal, other: Field) -> list[Option]:
    numbers = written_numbers(pl.Series([option.text for option in other.options], dtype=pl.String))
    greater = (Comparison(limit).answer(numbers) == 1).fill_null(value=False)
    return [option for option, larger in zip(other.options, greater, strict=True) if larger]


def _equal_options(value: object, other: Field) -> list[Option]:
    equal = (option for option in other.options if _equal_scalars(option.value, value))
    return list({option.text: option for option in equal}.values())


def _equal_scalars(stored: str | float, value: object) -> bool:
    if not isinstance(value, str | int | float):
        return False
    if not isinstance(stored, str):
        number = decimal_of(value)
        return number is not None and decimal_of(stored) == number
    return scalar_text(stored) == scalar_text(value)
