"""A field's rules, compiled to checks of its stored values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from import_worker.forms.field import Field, Rule
from import_worker.forms.json_values import scalar_text
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.patterns import compile_pattern
from import_worker.forms.series import trim
from import_worker.forms.types.decimals import Comparison, decimal_of
from import_worker.forms.unusable import invalid_form
from import_worker.row_errors.sentence import Problem, Sentence

_MAX_LENGTH = 1 << 30  # longer than any cell

Passes = Callable[[pl.Series, Overruns], pl.Series]


@dataclass(frozen=True)
class RuleCheck:
    """One compiled rule. ``passes``: maps stored values (String, no nulls) to Boolean; null counts as a failure."""

    problem: Problem
    passes: Passes


RuleCompiler = Callable[[Rule, Field], RuleCheck]
"""Compiles a rule of a field. Raises ``ValueError``, whose text ends a sentence that begins with the rule's value."""


def compile_rules(field: Field) -> tuple[RuleCheck, ...]:
    """Compiles a field's rules, in their order. Rules that do not apply to its type, or have no value, are left out.

    Raises ``JobFailed`` (invalid_form_definition) for a rule with a value that cannot be used.
    """
    checks = (_check(rule, field) for rule in field.rules)
    return tuple(check for check in checks if check)


def _check(rule: Rule, field: Field) -> RuleCheck | None:
    compiler = field.type.rules.get(rule.type)
    if compiler is None or _is_void(rule):
        return None
    try:
        return compiler(rule, field)
    except ValueError as error:
        raise invalid_form(f"field {field.key!r}: the value of its rule {rule.type} {error}") from None


def _is_void(rule: Rule) -> bool:
    if isinstance(rule.value, str):
        return not (rule.value if rule.type == "pattern" else trim(rule.value))  # a space is a pattern
    return rule.value is None


def _problem(rule: Rule, otherwise: Sentence, **parameters: object) -> Problem:
    """The problem with the rule's own message or, if it has none, with the sentence ``otherwise``."""
    return Sentence.AGAINST_RULE.problem(message=rule.message) if rule.message else otherwise.problem(**parameters)


def _min_length(rule: Rule, _: Field) -> RuleCheck:
    limit = _length(rule)
    return RuleCheck(_problem(rule, Sentence.TOO_SHORT, limit=limit), lambda stored, _: stored.str.len_chars() >= limit)


def _max_length(rule: Rule, _: Field) -> RuleCheck:
    limit = _length(rule)
    return RuleCheck(_problem(rule, Sentence.TOO_LONG, limit=limit), lambda stored, _: stored.str.len_chars() <= limit)


def _length(rule: Rule) -> int:
    number = decimal_of(rule.value)
    if number is None or number < 0 or number != number.to_integral_value() or number > _MAX_LENGTH:
        raise ValueError(f"must be a whole number from 0 to {_MAX_LENGTH:,}")
    return int(number)


def _pattern(rule: Rule, _: Field) -> RuleCheck:
    if not isinstance(rule.value, str):
        raise ValueError("must be a string")  # noqa: TRY004  (the form is wrong, not our call)
    return RuleCheck(_problem(rule, Sentence.UNLIKE_PATTERN), compile_pattern(rule.value).found)


def _min(rule: Rule, _: Field) -> RuleCheck:
    comparison, problem = _limit(rule, Sentence.TOO_SMALL)
    return RuleCheck(problem, lambda stored, _: comparison.answer(stored) != -1)


def _max(rule: Rule, _: Field) -> RuleCheck:
    comparison, problem = _limit(rule, Sentence.TOO_LARGE)
    return RuleCheck(problem, lambda stored, _: comparison.answer(stored) != 1)


def _limit(rule: Rule, sentence: Sentence) -> tuple[Comparison, Problem]:
    limit = decimal_of(rule.value)
    if limit is None:
        raise ValueError("must be a number")
    assert isinstance(rule.value, str | int | float)  # nothing else is a decimal
    return Comparison(limit), _problem(rule, sentence, limit=scalar_text(rule.value))


TEXT_RULES: Mapping[str, RuleCompiler] = {"min_length": _min_length, "max_length": _max_length, "pattern": _pattern}
"""For types whose stored values are text."""
NUMBER_RULES: Mapping[str, RuleCompiler] = {"min": _min, "max": _max}
"""For types whose stored values are numbers."""
