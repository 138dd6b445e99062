"""Notices: what a person may not have meant and no rule forbids. Pure. All texts of notices are in this module.

A notice names columns, fields and counts, never a cell: it is stored with the job, and a rollback does not delete it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import polars as pl

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.binding import Binding
from import_worker.forms.definition import FormDefinition
from import_worker.forms.swaps import find_swaps

SAMPLE_ROWS = 10_000
"""How many rows at the beginning of the file are examined."""
_NAMED = 5


class NoticeCode(StrEnum):
    SWAPPED_COLUMNS = "swapped_columns"
    FIELD_WITHOUT_COLUMN = "field_without_column"
    TEMPLATE_ROW_SKIPPED = "template_row_skipped"
    ALREADY_IMPORTED = "already_imported"


@dataclass(frozen=True)
class Notice:
    """``message`` is for people; ``details`` are further keys of its JSON, in camelCase."""

    code: NoticeCode
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"code": str(self.code), "message": self.message, **self.details}


def find_sample_notices(form: FormDefinition, bindings: Sequence[Binding], frame: pl.DataFrame) -> list[Notice]:
    """Finds the notices that the first rows give rise to. ``frame``: for each bound column a String column ``c{i}``
    without nulls."""
    return [*_swapped(bindings, frame), *_without_column(form, bindings)]


def template_rows_skipped(rows: int) -> list[Notice]:
    """The notice for a file made from the host's template, if the template's own ``rows`` were left out of it."""
    if not rows:
        return []
    were = "row that explains the template was" if rows == 1 else "rows that explain the template were"
    return [Notice(NoticeCode.TEMPLATE_ROW_SKIPPED, f"{rows:,} {were} left out.", {"rows": rows})]


def already_imported(job_id: UUID, completed_at: datetime | None) -> Notice:
    """The notice for a file that another job has imported into the same form."""
    when = "" if completed_at is None else f" on {completed_at:%Y-%m-%d %H:%M}"
    return Notice(
        NoticeCode.ALREADY_IMPORTED,
        f"This very file was imported into the form{when} by job {job_id}; its rows will be there twice.",
        {"otherJobId": str(job_id), "completedAt": None if completed_at is None else completed_at.isoformat()},
    )


def refuse_too_many(found: Sequence[Notice], limit: int | None) -> None:
    """Raises JobFailed ``limit_exceeded`` when there are more notices than the job's ``max_notices``. A retry helps
    only with another file, mapping or limit."""
    if limit is None or len(found) <= limit:
        return
    count = "1 notice" if len(found) == 1 else f"{len(found):,} notices"
    first = " ".join(notice.message for notice in found[:_NAMED])
    raise JobFailed(
        FailureReason.LIMIT_EXCEEDED,
        f"There {'is' if len(found) == 1 else 'are'} {count}, more than the {limit:,} of max_notices: {first} Mend the"
        " file or the mapping, or raise the limit.",
        notices=[notice.to_json() for notice in found],
    )


def _swapped(bindings: Sequence[Binding], frame: pl.DataFrame) -> list[Notice]:
    return [
        Notice(
            NoticeCode.SWAPPED_COLUMNS,
            f"The cells of the column {swap.binding.header!r} look like those of the field {swap.other.field.key!r}"
            f" ({swap.other_share:.0%}), and hardly like those of {swap.binding.field.key!r} ({swap.own_share:.0%}),"
            " which it feeds; columns may be swapped.",
            {
                "column": swap.binding.header,
                "fieldKey": swap.binding.field.key,
                "looksLike": swap.other.field.key,
                "ownShare": round(swap.own_share, 3),
                "otherShare": round(swap.other_share, 3),
            },
        )
        for swap in find_swaps(bindings, frame)
    ]


def _without_column(form: FormDefinition, bindings: Sequence[Binding]) -> list[Notice]:
    fed = {binding.field.key for binding in bindings if binding.column is not None}
    left = [each.key for each in form.fields if each.key not in fed and not each.type.describes_file]
    if not left:
        return []
    names = ", ".join(map(repr, left[:_NAMED])) + (f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else "")
    what = f"field {names}; it stays" if len(left) == 1 else f"fields {names}; they stay"
    return [Notice(NoticeCode.FIELD_WITHOUT_COLUMN, f"No column feeds the {what} empty.", {"fieldKeys": left})]
