"""Columns that seem to stand in each other's place: their cells look like another field's, not like their own. Pure.

Only a field that expects something can tell: an e-mail address, a phone number, a date, a number, one of a few options,
or text of a pattern.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.columns import FieldColumns, read
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.patterns import LinearPattern, compiled
from import_worker.forms.types.likeness import Likeness

OWN_SHARE, OTHER_SHARE = 0.2, 0.7
"""Under so many of its cells are as a column's own field expects, and at least so many as another field does."""
MIN_CELLS = 3
"""Fewer say nothing."""

_ANYTHING = pl.Series(["", "x", "7", "?"])
"""A pattern that is found in all of these expects nothing."""


@dataclass(frozen=True)
class Swap:
    """``binding``'s cells look like those of ``other``'s field. Shares are of the cells that are not empty, 0 to 1."""

    binding: Binding
    other: Binding
    own_share: float
    other_share: float


def find_swaps(bindings: Sequence[Binding], frame: pl.DataFrame) -> list[Swap]:
    """One for each column that seems swapped, in the bindings' order. ``frame``: for each bound column a String column
    ``c{i}`` without nulls; a few thousand rows tell enough."""
    expectations = [found for number, binding in enumerate(bindings) if (found := _Expectation.of(number, binding))]
    if len(expectations) < 2:
        return []
    cells = {each.binding.column: _filled(frame[f"c{each.binding.column}"]) for each in expectations}
    shares = {id(each): each.share(own) for each in expectations if len(own := cells[each.binding.column]) >= MIN_CELLS}
    strangers = [each for each in expectations if shares.get(id(each), 1.0) < OWN_SHARE]
    swaps = []
    for each in strangers:
        others = [other for other in expectations if other.binding.field.key != each.binding.field.key]
        # Of two that fit, the one whose own column does not fit it is the likelier partner.
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
        """None for a field that expects nothing."""
        likeness = binding.field.type.likeness
        if binding.column is None or likeness is None:
            return None
        patterns = tuple(_patterns(binding)) if likeness.needs_pattern else ()
        if likeness.needs_pattern and not patterns:
            return None
        return cls(binding, FieldColumns.of(f"f{number}", [binding]), likeness, patterns)

    def share(self, cells: pl.Series, *, own: bool = True) -> float:
        """How many of the cells, none of which is empty, are as expected."""
        total = len(cells)
        if not own and self.likeness.mistakable:
            cells = cells.filter(~cells.str.contains(self.likeness.mistakable))
        stored = read(pl.DataFrame({f"c{self.binding.column}": cells}), [self.columns])[self.columns.key].stored
        expected = stored.drop_nulls()
        for pattern in self.patterns:
            expected = expected.filter(pattern.found(expected, Overruns()))
        return len(expected) / max(total, 1)


def _patterns(binding: Binding) -> list[LinearPattern]:
    """The patterns of a field's rules that are quick to find and expect something."""
    found = []
    for rule in binding.field.rules:
        if rule.type != "pattern" or not isinstance(rule.value, str) or not rule.value:
            continue
        try:
            pattern = compiled(rule.value)
        except ValueError:
            continue
        if isinstance(pattern, LinearPattern) and not pattern.found(_ANYTHING, Overruns()).all():
            found.append(pattern)
    return found


def _filled(cells: pl.Series) -> pl.Series:
    return cells.filter(cells.str.strip_chars() != "")
