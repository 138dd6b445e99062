"""Options of a field: which option a cell names, and how options' values compare with a condition's value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from import_worker.forms.field import Option
from import_worker.forms.json_values import scalar_text
from import_worker.forms.series import trim
from import_worker.forms.types.decimals import Comparison, decimal_of
from import_worker.forms.types.number import written_numbers


@dataclass(frozen=True)
class Options:
    """Finds the option that a cell names, and returns the option's result (its stored value).

    ``exact`` maps an option's value or label as written to its result. ``loose`` maps a value or label in lower case to
    the result of the first option that has it.
    """

    exact: Mapping[str, str]
    loose: Mapping[str, str]

    @classmethod
    def of(cls, options: Sequence[Option], result: Callable[[Option], str]) -> "Options":
        names = [(option.text, option) for option in options] + [(option.label, option) for option in options]
        # Polars lower-cases these, as it does the cells: Python's Unicode tables are of another version.
        lowered = pl.Series([trim(name) for name, _ in names], dtype=pl.String).str.to_lowercase()
        loose: dict[str, str] = {}
        for name, (_, option) in zip(lowered, names, strict=True):
            loose.setdefault(name, result(option))
        exact = {trim(name): loose[lower] for lower, (name, _) in zip(lowered, names, strict=True)}
        return cls(exact | {trim(option.text): result(option) for option in reversed(options)}, loose)

    def exactly(self, cells: pl.Expr) -> pl.Expr:
        return cells.replace_strict(self.exact, default=None, return_dtype=pl.String)

    def loosely(self, cells: pl.Expr) -> pl.Expr:
        lowered = cells.str.to_lowercase().replace_strict(self.loose, default=None, return_dtype=pl.String)
        return pl.coalesce(self.exactly(cells), lowered)


def options_greater_than(limit: Decimal, options: Sequence[Option]) -> list[Option]:
    """The options whose values are numbers, or texts that a number field would accept, greater than ``limit``."""
    numbers = written_numbers(pl.Series([option.text for option in options], dtype=pl.String))
    greater = (Comparison(limit).answer(numbers) == 1).fill_null(value=False)
    return [option for option, larger in zip(options, greater, strict=True) if larger]


def options_equal_to(value: object, options: Sequence[Option]) -> list[Option]:
    """The options whose values equal ``value``, which is any JSON; each value once."""
    equal = (option for option in options if _equal_scalars(option.value, value))
    return list({option.text: option for option in equal}.values())


def _equal_scalars(stored: str | float, value: object) -> bool:
    if not isinstance(value, str | int | float):
        return False
    if not isinstance(stored, str):
        number = decimal_of(value)
        return number is not None and decimal_of(stored) == number
    return scalar_text(stored) == scalar_text(value)
