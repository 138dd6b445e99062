"""Formatted text, with only those tags and addresses that are safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.series import for_each_distinct
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.markup import sanitise_markup
from import_worker.forms.types.reading import JsonForm, Reader, Reading, accept_all
from import_worker.forms.types.textual import TextualType
from import_worker.row_errors.sentence import Problem

# The characters of a sanitised text that a browser does not show: white space, control characters, and what Unicode
# calls default-ignorable (soft hyphens, zero-width characters, marks of direction, variation selectors, blank fillers).
_INVISIBLE = (
    r"\s\x00-\x1F\x7F-\x{9F}\x{AD}\x{34F}\x{61C}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFF8}"
    r"\x{1BCA0}-\x{1BCA3}\x{1D173}-\x{1D17A}\x{E0000}-\x{E0FFF}"
)
_SHOWS_NOTHING = rf'^(?:[{_INVISIBLE}]|&nbsp;|<(?:[^>"]|"[^"]*")*>)*$'

# The sanitiser leaves text without any of these as it is.
_NEEDS_SANITISING = r"[<>&\r\x{A0}\x00\x{FEFF}]"


@dataclass(frozen=True)
class RichTextReader:
    problems: Sequence[Problem] = ()
    trims: bool = False
    json_form: JsonForm = JsonForm.STRING

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.when(~cells.str.contains(_NEEDS_SANITISING)).then(cells)

    def careful(self, cells: pl.Series) -> Reading:
        clean = for_each_distinct(cells, lambda texts: [sanitise_markup(text) for text in texts], pl.String)
        return accept_all(pl.select(pl.when(clean.str.strip_chars() != "").then(clean)).to_series())


class RichTextType(TextualType):
    mapping_options = frozenset({MappingOption.CASE})
    likeness: Likeness | None = None
    cures: Mapping[str, Sequence[Cure]] = {}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return RichTextReader()

    def is_missing(self, stored: pl.Series) -> pl.Series:
        """A text that shows nothing (docs/validation.md) is missing as well."""
        return stored.str.contains(_SHOWS_NOTHING).fill_null(value=True)
