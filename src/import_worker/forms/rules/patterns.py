"""JavaScript patterns, matched by Polars' linear-time engine if possible, else by the bounded engine."""

from dataclasses import dataclass

import polars as pl
import regress

from import_worker.forms.rules.bounded_patterns import BoundedPattern, Overruns
from import_worker.forms.rules.pattern_syntax import UntranslatableError, translate

# Compiling takes time quadratic in the length for some patterns; this is a twentieth of a second.
_MAX_PATTERN_CHARACTERS = 5_000


@dataclass(frozen=True)
class LinearPattern:
    expression: str

    def found(self, texts: pl.Series, overruns: Overruns) -> pl.Series:  # noqa: ARG002
        return texts.str.contains(self.expression)


Pattern = LinearPattern | BoundedPattern
"""``found(texts, overruns)``: Boolean, whether the pattern is found anywhere in each text."""


def compile_pattern(source: str) -> Pattern:
    """Compiles a pattern. Raises ``ValueError``, whose text says why ``source`` is no pattern and ends a sentence."""
    if len(source) > _MAX_PATTERN_CHARACTERS:
        raise ValueError(f"is longer than {_MAX_PATTERN_CHARACTERS:,} characters")
    flags = _flags(source)
    try:
        expression = translate(source, unicode="u" in flags)
        pl.Series([""]).str.contains(expression)
    except (UntranslatableError, pl.exceptions.ComputeError):
        return BoundedPattern(source, flags)
    return LinearPattern(expression)


def _flags(source: str) -> str:
    try:
        regress.Regex(source, "u")
    except regress.RegressError:
        try:
            regress.Regex(source)
        except regress.RegressError as error:
            raise ValueError(f"is not a regular expression ({error})") from None
        return ""
    return "u"
