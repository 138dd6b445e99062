"""Suggesting what a person could change so that a job's bad rows are accepted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from import_worker.database.connection import Connection
from import_worker.database.row_errors import list_error_cells
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.suggestions.cure import MAX_CELL_CHARACTERS, MIN_ERRORS, list_curable_types, suggest
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion
from import_worker.importing.planned_job import PlannedJob
from import_worker.row_errors.error_type import RowErrorType

MAX_ERRORS_LOOKED_AT = 100_000
"""How many errors are read; a suggestion that rests on fewer than there are says so."""


@dataclass(frozen=True)
class Suggestions:
    """The suggestions for one job.

    ``found``: each with its column's header in the file; the commonest errors first, then in the form's order.
    ``mapping``: the job's whole mapping (JSON) with all of them applied; None if none of them changes it.
    """

    found: Sequence[tuple[str, Suggestion]]
    mapping: dict[str, object] | None

    def to_json(self) -> dict[str, Any]:
        """Two keys of the ``--json`` document of `errors`."""
        return {
            "suggestions": [
                {
                    "fieldKey": suggestion.errors.field.key,
                    "column": column,
                    "errorType": suggestion.errors.error_type,
                    "errors": suggestion.errors.total,
                    "message": suggestion.message,
                    "mapping": suggestion.mapping,
                }
                for column, suggestion in self.found
            ],
            "suggestedMapping": self.mapping,
        }


def suggest_cures(
    connection: Connection,
    job_id: UUID,
    planned: PlannedJob | None,
    counts: dict[tuple[str, str], int],
    field: str | None = None,
) -> Suggestions:
    """Makes at most one suggestion for each column, field and error type, inside the caller's transaction.

    ``planned``: None for a job without a plan. ``counts``: how many errors there are, by (field key, error type); only
    these are read.
    """
    if planned is None or not counts:
        return Suggestions([], None)
    types = list_curable_types(planned.form.fields)
    wanted = {key for key, errors in counts.items() if key[1] in types and errors >= MIN_ERRORS}
    if not wanted:
        return Suggestions([], None)
    groups = list_error_cells(
        connection,
        job_id,
        field,
        {error_type for _, error_type in wanted},
        limit=MAX_ERRORS_LOOKED_AT,
        characters=MAX_CELL_CHARACTERS + 1,
    )
    bindings = {(each.field.key, each.header): each for each in planned.bindings}
    columns = Counter((group.field_key, group.error_type) for group in groups)
    found = []
    for group in groups:
        key = (group.field_key, group.error_type)
        binding = bindings.get((group.field_key, group.column))
        if key not in wanted or binding is None:
            continue
        total = sum(group.cells.values())
        if columns[key] == 1:
            # There may be more than were read, or, while the job runs, than were counted. Where a field has several
            # columns, the count of each is not known.
            total = max(counts[key], total)
        error_type = RowErrorType(group.error_type)
        errors = FieldErrors(binding.field, binding.mapped_header, binding.entry, error_type, group.cells, total)
        if suggestion := suggest(errors):
            found.append((group.column, suggestion))
    order = {field.key: number for number, field in enumerate(planned.form.fields)}
    found.sort(key=lambda pair: (-pair[1].errors.total, order[pair[1].errors.field.key]))
    return Suggestions(found, _apply_suggestions(planned.mapping, [suggestion for _, suggestion in found]))


def _apply_suggestions(mapping: HeaderMapping, suggestions: Sequence[Suggestion]) -> dict[str, object] | None:
    """The mapping with the suggested entries in place; of two for one column, the one for more errors is taken."""
    entries: dict[str, object] = {}
    for suggestion in suggestions:
        for header, entry in (suggestion.mapping or {}).items():
            entries.setdefault(header, entry)
    return {**mapping.to_json(), **entries} if entries else None
