"""The host's submission_files, which has a row for each file field that a submission fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from import_worker.database.connection import Connection
from import_worker.database.copy_rows import constant_row, joined, matrix_values, prefixed, write_rows
from import_worker.database.queries import query
from import_worker.targets.submissions.keys import SubmissionKeys

_TEXTS = ("file_name", "mime_type", "checksum", "storage_key")
_CONSTANTS = ("field_key", "uploaded_by", "created_at")
FILE_COLUMNS = ("id", "submission_id", "size_bytes", *_TEXTS, *_CONSTANTS)


@dataclass(frozen=True)
class FileTemplate:
    """The parts that all file rows of one field have in common, encoded in the types of the table's columns.
    ``size_width``: how many bytes the column ``size_bytes`` has. ``tail``: the columns behind the texts."""

    size_width: int
    tail: bytes


def file_templates(connection: Connection, keys: SubmissionKeys, now: datetime) -> Mapping[str, FileTemplate]:
    """The templates of the job's file fields, by field key. Runs inside the caller's transaction."""
    return {key: _template(connection, keys, key, now) for key in keys.file_fields}


def _template(connection: Connection, keys: SubmissionKeys, key: str, now: datetime) -> FileTemplate:
    values: dict[str, Any] = {
        "size_bytes": 1,
        "field_key": key,
        "uploaded_by": keys.submitter_id,
        "created_at": now.isoformat(),
    }
    size, *others = constant_row(connection, "submission_files", tuple(values), values)
    assert size is not None  # one was given
    return FileTemplate(len(size), b"".join(map(prefixed, others)))


def insert_files(
    connection: Connection, keys: SubmissionKeys, templates: Mapping[str, FileTemplate], files: pl.DataFrame
) -> int:
    """COPYs the files of submissions that are already inserted, inside the caller's transaction; returns how many rows
    the table accepted.

    ``files``: ``row`` and ``field_key``, then the columns of ``forms.types.file.FILE_SCHEMA``. An existing id is a
    unique violation, so no file is inserted twice.
    """
    parts = []
    for (key,), own in files.group_by("field_key", maintain_order=True):
        rows = own["row"].to_numpy()
        ids, submissions = keys.file_ids(str(key)).of_rows(rows), keys.ids.of_rows(rows)
        parts.append(_rows(templates[str(key)], ids, submissions, own))
    return write_rows(connection, "submission_files", FILE_COLUMNS, *parts)


def _rows(
    template: FileTemplate, ids: npt.NDArray[np.uint8], submissions: npt.NDArray[np.uint8], files: pl.DataFrame
) -> memoryview:
    sizes = files["size_bytes"].to_numpy().astype(f">i{template.size_width}")
    numbers = sizes.view(np.uint8).reshape(-1, template.size_width)
    front = matrix_values(len(FILE_COLUMNS).to_bytes(2, "big"), ids, submissions, numbers)
    return joined(front, [files[name] for name in _TEXTS], template.tail)


def count_files(
    connection: Connection, keys: SubmissionKeys, first_row: int | None = None, last_row: int | None = None
) -> int:
    """How many files of the job are in the table: those of rows ``first_row`` to ``last_row`` (both inclusive), or all.

    They are found by ranges of the primary key, one for each file field.
    """
    return sum(
        int(row[0])
        for values in _ranges(keys, first_row, last_row)
        for row in connection.execute(query("count_files"), values)
    )


def _ranges(keys: SubmissionKeys, first_row: int | None, last_row: int | None) -> list[dict[str, object]]:
    ranges: list[dict[str, object]] = []
    for key in keys.file_fields:
        ids = keys.file_ids(key)
        lowest, highest = ids.bounds()
        ranges.append(
            {
                "first_id": lowest if first_row is None else ids.of_row(first_row),
                "last_id": highest if last_row is None else ids.of_row(last_row),
                "field_key": key,
            }
        )
    return ranges
