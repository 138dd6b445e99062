"""Searching for repeated values: the chunks are read once more, only the columns of unique fields."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

import polars as pl

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.database.duplicates import replace_duplicates, stream_form_values
from import_worker.forms.field import Field
from import_worker.forms.import_validation import UniqueScope
from import_worker.forms.known import DUPLICATES_SCHEMA
from import_worker.forms.unique_values import as_stored, digests
from import_worker.forms.validator import Validator
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.prefetch import prefetch
from import_worker.importing.uniqueness.runs import Runs, find_losers
from import_worker.objects import ObjectStore
from import_worker.sources.read.chunk_reader import pieces


def find_duplicates(
    connection: Connection,
    store: ObjectStore,
    planned: PlannedJob,
    chunks: Sequence[Chunk],
    *,
    checkpoint: Callable[[], None],
    progress: PlanningProgress,
) -> int:
    """Stores which rows lose: those whose value of a unique field an earlier row, or the form, has already. Replaces
    what an earlier plan stored, inside the caller's transaction. Returns how many values lose. Reads nothing where no
    field is unique.

    ``checkpoint`` is called every few thousand rows and may raise to stop. Raises JobFailed when the source is gone or
    changed, ObjectStoreUnavailable or, where there is no room for temporary files, TransientError (a retry may help).
    """
    validator = planned.validator()
    if not validator.unique:
        replace_duplicates(connection, planned.job_id, ())
        return 0
    fields = {field.key: field for field in planned.form.fields if field.key in validator.unique}
    rows_total = planned.plan.rows_total
    with ExitStack() as stack:
        runs = {key: stack.enter_context(closing(Runs(rows_total))) for key in fields}
        progress.compare(sum(chunk.end_byte - chunk.first_byte for chunk in chunks))
        _read_values(store, planned, chunks, validator, fields, runs, checkpoint, progress)
        known: dict[str, Runs] = {}
        for key, scope in validator.unique.items():
            if scope is UniqueScope.FORM:
                known[key] = stack.enter_context(closing(Runs(rows_total)))
                for values in stream_form_values(connection, planned.plan.form_id, key, planned.job_id):
                    found = digests(fields[key], as_stored(fields[key], values))
                    known[key].add(found["high"].to_numpy(), found["low"].to_numpy(), 0)
                    checkpoint()
        return replace_duplicates(connection, planned.job_id, _list_losers(runs, known, checkpoint))


def _read_values(
    store: ObjectStore,
    planned: PlannedJob,
    chunks: Sequence[Chunk],
    validator: Validator,
    fields: dict[str, Field],
    runs: dict[str, Runs],
    checkpoint: Callable[[], None],
    progress: PlanningProgress,
) -> None:
    reader = planned.reader(validator.columns_of(fields))
    with prefetch((chunk, fetch_chunk(store, planned.plan, chunk)) for chunk in chunks) as fetched:
        for chunk, data in fetched:
            for piece in pieces(data, chunk, planned.dialect):
                checkpoint()
                frame = reader.read_piece(piece).frame
                for key, stored in validator.stored(frame, fields).items():
                    filled = stored.is_not_null()
                    found = digests(fields[key], stored.filter(filled))
                    rows = frame["row"].filter(filled).to_numpy()
                    runs[key].add(found["high"].to_numpy(), found["low"].to_numpy(), rows)
                progress.count(len(piece.data), piece.chunk.row_count)


def _list_losers(
    runs: dict[str, Runs], known: dict[str, Runs], checkpoint: Callable[[], None]
) -> Iterator[pl.DataFrame]:
    for key, file in runs.items():
        for part in range(file.parts()):
            checkpoint()
            rows, first_rows = find_losers(file, known.get(key), part)
            if len(rows):
                yield pl.DataFrame(
                    {
                        "row": rows,
                        "field_key": pl.Series([key]).new_from_index(0, len(rows)),
                        "first_row": pl.Series(first_rows).replace(0, None),
                    },
                    schema=DUPLICATES_SCHEMA,
                )
