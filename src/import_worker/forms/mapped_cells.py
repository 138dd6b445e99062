"""From the cell in the file to the cell that a field's type reads: ``values``, ``default``, ``case``."""

import unicodedata
from typing import assert_never

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.mapping_entry import Case, MappingEntry, MappingOption
from import_worker.forms.series import complete, for_each_distinct, trim

# Letters whose upper case is one letter, and all of ASCII except the digits, which Polars does not count as part of a
# word. Polars' title case follows our rule only for these.
_PLAINLY_TITLED = r"^[\x00-/:-\x7F\x{C0}-\x{DE}\x{E0}-\x{148}\x{14A}-\x{17F}]*$"


def cell_of(binding: Binding) -> pl.Expr:
    """The cell as it is in the file; empty if the file lacks the column."""
    if binding.column is None:
        return pl.repeat("", pl.len(), dtype=pl.String)
    return pl.col(f"c{binding.column}")


def is_filled(binding: Binding) -> pl.Expr:
    """Whether the cell is not empty in the file, and ``values`` do not empty it."""
    cell = cell_of(binding)
    filled = cell.str.strip_chars() != ""
    return filled & (_replace_values(cell, binding.entry).str.strip_chars() != "") if binding.entry.values else filled


def prepare_cell(binding: Binding, *, trims: bool) -> pl.Expr:
    """The cell as the field's type reads it, null if it is empty; trimmed if ``trims``.

    ``convert_to_title_case`` must be applied afterwards: title case cannot be written as an expression.
    """
    cell, entry = cell_of(binding), binding.entry
    if entry.values:
        cell = _replace_values(cell, entry)
    trimmed = cell.str.strip_chars()
    default = entry.default if entry.default and trim(entry.default) else None
    if default and trims:
        default = trim(default)
    filled = pl.when(trimmed != "").then(trimmed if trims else cell).otherwise(pl.lit(default, pl.String))
    match case_of(binding):
        case Case.UPPER:
            return filled.str.to_uppercase()
        case Case.LOWER:
            return filled.str.to_lowercase()
        case Case.TITLE | None:
            return filled
        case unknown:
            assert_never(unknown)


def case_of(binding: Binding) -> Case | None:
    """The case to apply; None if the field's type ignores the option."""
    return binding.entry.case if MappingOption.CASE in binding.field.type.mapping_options else None


def convert_to_title_case(cells: pl.Series) -> pl.Series:
    """Converts cells to title case: a letter or digit after another one is lower-cased, any other is upper-cased."""
    plain = pl.when(cells.str.contains(_PLAINLY_TITLED)).then(cells.str.to_titlecase())
    return complete(pl.select(plain).to_series(), cells, _titled_by_character).alias(cells.name)


def _titled_by_character(cells: pl.Series) -> pl.Series:
    return for_each_distinct(cells, lambda texts: [_titled_text(text) for text in texts], pl.String)


def _titled_text(text: str) -> str:
    titled, within_word = [], False
    for character in text:
        if character.isalnum():
            titled.append(character.lower() if within_word else character.upper())
            within_word = True
        else:
            titled.append(character)
            within_word = within_word and unicodedata.category(character).startswith("M")
    return "".join(titled)


def _replace_values(cell: pl.Expr, entry: MappingEntry) -> pl.Expr:
    exact: dict[str, str] = {}
    for key, value in entry.values:
        exact.setdefault(trim(key), value or "")
    # Polars lower-cases these, as it does the cells: Python's Unicode tables are of another version.
    lowered = pl.Series(exact.keys(), dtype=pl.String).str.to_lowercase()
    loose: dict[str, str] = {}
    for key, value in zip(lowered, exact.values(), strict=True):
        loose.setdefault(key, value)
    trimmed = cell.str.strip_chars()
    return pl.coalesce(
        trimmed.replace_strict(exact, default=None, return_dtype=pl.String),
        trimmed.str.to_lowercase().replace_strict(loose, default=None, return_dtype=pl.String),
        cell,
    )
