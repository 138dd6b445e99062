"""A field's rules, compiled to checks of its stored values."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from import_worker.forms.definition import Field, FieldType, Rule, invalid_form, scalar_text
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.patterns import compiled
from import_worker.forms.series import trim
from import_worker.forms.types.decimals import Comparison, decimal_of

# What they store is text. A number has no characters, also as a select's option.
_TEXTUAL = set(FieldType) - {FieldType.NUMBER, FieldType.MULTISELECT, FieldType.CHECKBOX, FieldType.FILE}

_MAX_LENGTH = 1 << 30  # longer than any cell

Passes = Callable[[pl.Series, Overruns], pl.Series]


@dataclass(frozen=True)
class Check:
    """``passes``: stored values (String, no nulls) to Boolean; a null fails."""

    message: str
    passes: Passes


def checks_of(field: Field) -> tuple[Check, ...]:
    """The checks of a field's rules, in their order; rules that say nothing about its type, or have no value, are left
    out.

    Raises ``JobFailed`` (invalid_form_definition) for a rule with a value that cannot be used.
    """
    checks = (_check(rule, field) for rule in field.rules)
    return tuple(check for check in checks if check)


def _check(rule: Rule, field: Field) -> Check | None:
    if _is_void(rule):
        return None
    try:
        match rule.type:
            case "min_length" | "max_length" if field.type in _TEXTUAL:
                return _sparing_numbers(_length(rule), field)
            case "pattern" if field.type in _TEXTUAL:
                return _sparing_numbers(_pattern(rule), field)
            case "min" | "max" if field.type is FieldType.NUMBER:
                return _number(rule)
            case _:
                return None
    except ValueError as error:
        raise invalid_form(f"field {field.key!r}: the value of its rule {rule.type} {error}") from None


def _is_void(rule: Rule) -> bool:
    if isinstance(rule.value, str):
        return not (rule.value if rule.type == "pattern" else trim(rule.value))  # a space is a pattern
    return rule.value is None


def _sparing_numbers(check: Check, field: Field) -> Check:
    numbers = [option.text for option in field.options if not isinstance(option.value, str)]
    if not numbers:
        return check
    return Check(check.message, lambda stored, overruns: check.passes(stored, overruns) | stored.is_in(numbers))


def _length(rule: Rule) -> Check:
    number = decimal_of(rule.value)
    if number is None or number < 0 or number != number.to_integral_value() or number > _MAX_LENGTH:
        raise ValueError(f"must be a whole number from 0 to {_MAX_LENGTH:,}")
    limit = int(number)
    if rule.type == "min_length":
        return Check(
            rule.message or f"Must have at least {limit} characters",
            lambda stored, _: stored.str.len_chars() >= limit,
        )
    return Check(
        rule.message or f"Must have at most {limit} characters",
        lambda stored, _: stored.str.len_chars() <= limit,
    )


def _pattern(rule: Rule) -> Check:
    if not isinstance(rule.value, str):
        raise ValueError("must be a string")  # noqa: TRY004
    pattern = compiled(rule.value)
    return Check(rule.message or "Does not match the expected pattern", pattern.found)


def _number(rule: Rule) -> Check:
    limit = decimal_of(rule.value)
    if limit is None:
        raise ValueError("must be a number")
    comparison, refused = Comparison(limit), -1 if rule.type == "min" else 1
    return Check(_limit_message(rule), lambda stored, _: comparison.answer(stored) != refused)


def _limit_message(rule: Rule) -> str:
    value = rule.value if isinstance(rule.value, str | int | float) else ""
    return rule.message or f"Must be at {'least' if rule.type == 'min' else 'most'} {scalar_text(value)}"
