"""Suggestions, and the errors that they are made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.forms.binding import Binding
from import_worker.forms.columns import field_columns, read
from import_worker.forms.field import Field
from import_worker.forms.json_values import json_text
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.bounded_patterns import Overruns
from import_worker.forms.rules.rules import compile_rules
from import_worker.forms.types.reading import Reading
from import_worker.forms.unusable import invalid_form
from import_worker.row_errors.error_type import RowErrorType

_SHOWN_CHARACTERS = 40  # of a cell, in a sentence


class _NoOverruns(Overruns):
    """Ends at the first batch that takes too long: a suggestion is not worth waiting for."""

    def add(self, source: str) -> None:
        raise invalid_form(f"the pattern {source[:100]!r} takes too long to check")


@dataclass(frozen=True)
class FieldErrors:
    """The errors of one type that a job has in one column.

    ``header`` is the mapping's name of the column, ``entry`` its present entry in the mapping. ``cells`` maps each
    different cell that was examined, as it is in the file and in its order, to the number of its errors. ``total``
    counts all errors of the type, so it is larger than the sum of ``cells`` if not all were examined.
    """

    field: Field
    header: str
    entry: MappingEntry
    error_type: RowErrorType
    cells: Mapping[str, int]
    total: int

    @property
    def looked_at(self) -> int:
        return sum(self.cells.values())

    @property
    def subject(self) -> str:
        """The beginning of a sentence about all values with such an error, or about those that were examined."""
        if self.looked_at == self.total:
            return f"{self.total:,} values"
        return f"The first {self.looked_at:,} of {self.total:,} values"

    @property
    def where(self) -> str:
        """A phrase that names the mapping's entry within a sentence."""
        return f"the mapping of {json_text(self.header)}"

    def changed(self, **changes: object) -> MappingEntry:
        """The present entry with other options. Raises ``pydantic.ValidationError`` for invalid options."""
        options = self.entry.model_dump() | {"values": list(self.entry.values)}
        if MappingOption.DATE_FORMATS not in self.field.type.mapping_options:
            options["date_formats"] = ()  # a job's formats are in every entry, and mean nothing for other types
        return MappingEntry.model_validate(options | changes)

    def read(self, entry: MappingEntry, cells: Sequence[str] | None = None) -> Reading:
        """Reads cells (by default those of these errors) as the validator reads them with that entry."""
        columns = field_columns([Binding(self.field, 0, self.header, self.header, entry)])
        frame = pl.DataFrame({"c0": pl.Series(list(self.cells if cells is None else cells), dtype=pl.String)})
        return read(frame, columns)[self.field.key]

    def all_read(self, entry: MappingEntry, cells: Sequence[str] | None = None) -> bool:
        """Whether every cell is of the field's type with that entry. Rules are not checked."""
        reading = self.read(entry, cells)
        return reading.problem.null_count() == len(reading.problem)

    def all_pass(self, entry: MappingEntry, cells: Sequence[str] | None = None) -> bool:
        """Whether every cell is of the field's type and passes all of its rules with that entry.

        Raises ``JobFailed`` when a pattern takes too long, and ``TransientError`` when its helper process does not do
        its work.
        """
        reading, overruns = self.read(entry, cells), _NoOverruns()
        if reading.stored.null_count() or reading.problem.null_count() < len(reading.problem):
            return False
        return all(check.passes(reading.stored, overruns).all() for check in compile_rules(self.field))


@dataclass(frozen=True)
class Suggestion:
    """One cure for all errors of a type in a column.

    ``message``: a sentence for a person. ``entry``: the column's new entry in the mapping; ``None`` if a mapping cannot
    help, or a person must decide.
    """

    errors: FieldErrors
    message: str
    entry: MappingEntry | None = None

    @property
    def mapping(self) -> dict[str, object] | None:
        """The part of a mapping (JSON) that follows the suggestion: the header with its new entry."""
        return None if self.entry is None else {self.errors.header: self.entry.to_json()}


Cure = Callable[[FieldErrors], Suggestion | None]
"""Looks for one change that would cure all the errors; None if that change does not help."""


def quote_cell(cell: str) -> str:
    """A cell as it is written in a sentence: quoted, and shortened if it is long."""
    return json_text(cell if len(cell) <= _SHOWN_CHARACTERS else cell[: _SHOWN_CHARACTERS - 1] + "…")
