"""Finds columns that seem to be swapped: their cells look like those of another field, not like their own's. Pure.

This can be told only of fields with recognisable cells: e-mail addresses, phone numbers, dates, numbers, options, or
text that matches a pattern.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.columns import FieldColumns, read
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.patterns import LinearPattern, compile_pattern
from import_worker.forms.types.likeness import Likeness

OWN_SHARE, OTHER_SHARE = 0.2, 0.7
"""A column seems swapped if less than OWN_SHARE of its cells are as its own field expects, and at least OTHER_SHARE
are as another field expects."""
MIN_CELLS = 3
"""Fewer cells prove nothing."""

_ANYTHING = pl.Series(["", "x", "7", "?"])
"""A pattern that matches all of these distinguishes nothing."""


@dataclass(frozen=True)
class Swap:
    """The cells of ``binding`` look like those of ``other``'s field. Shares (0 to 1) are of the cells that are not
    empty."""

    binding: Binding
    other: Binding
    own_share: float
    other_share: float


def find_swaps(bindings: Sequence[Binding], frame: pl.DataFrame) -> list[Swap]:
    """Finds the columns that seem swapped, in the bindings' order. ``frame``: for each bound column a String column
    ``c{i}`` without nulls; a few thousand rows are enough."""
    expectations = [found for number, binding in enumerate(bindings) if (found := _Expectation.of(number, binding))]
    if len(expectations) < 2:
        return []
    cells = {each.binding.column: _filled(frame[f"c{each.binding.column}"]) for each in expectations}
    shares = {id(each): each.share(own) for each in expectations if len(own := cells[each.binding.column]) >= MIN_CELLS}
    strangers = [each for each in expectations if shares.get(id(each), 1.0) < OWN_SHARE]
    swaps = []
    for each in strangers:
        others = [other for other in expectations if other.binding.field.key != each.binding.field.key]
        # If two other fields fit, the likelier partner is the one whose own column does not fit it.
        fits = [(other.share(cells[each.binding.column], own=False), other in strangers, other) for other in others]
        share, _, other = max(fits, key=lambda fit: (fit[0] >= OTHER_SHARE, fit[1], fit[0]), default=(0.0, False, each))
        if share >= OTHER_SHARE:
            swaps.append(Swap(each.binding, other.binding, shares[id(each)], share))
    return swaps


@dataclass(frozen=True, eq=False)
class _Expectation:
    """What a bound field expects of its cells."""

    binding: Binding
    columns: FieldColumns
    likeness: Likeness
    patterns: tuple[LinearPattern, ...]

    @classmethod
    def of(cls, number: int, binding: Binding) -> "_Expectation | None":
        """None for a field whose cells cannot be recognised."""
        likeness = binding.field.type.likeness
        if binding.column is None or likeness is None:
            return None
        patterns = tuple(_patterns(binding)) if likeness.needs_pattern else ()
        if likeness.needs_pattern and not patterns:
            return None
        return cls(binding, FieldColumns.of(f"f{number}", [binding]), likeness, patterns)

    def share(self, cells: pl.Series, *, own: bool = True) -> float:
        """The share (0 to 1) of ``cells``, none of which is empty, that are as the field expects. ``own`` says whether
        they are the cells of the field's own column."""
        total = len(cells)
        if not own and self.likeness.mistakable:
            cells = cells.filter(~cells.str.contains(self.likeness.mistakable))
        stored = read(pl.DataFrame({f"c{self.binding.column}": cells}), [self.columns])[self.columns.key].stored
        expected = stored.drop_nulls()
        for pattern in self.patterns:
            expected = expected.filter(pattern.found(expected, Overruns()))
        return len(expected) / max(total, 1)


def _patterns(binding: Binding) -> list[LinearPattern]:
    """The patterns of a field's rules that run in linear time and distinguish something."""
    found = []
    for rule in binding.field.rules:
        if rule.type != "pattern" or not isinstance(rule.value, str) or not rule.value:
            continue
        try:
            pattern = compile_pattern(rule.value)
        except ValueError:
            continue
        if isinstance(pattern, LinearPattern) and not pattern.found(_ANYTHING, Overruns()).all():
            found.append(pattern)
    return found


def _filled(cells: pl.Series) -> pl.Series:
    return cells.filter(cells.str.strip_chars() != "")
