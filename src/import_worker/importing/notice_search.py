"""Finding the notices of a planned job, in its first rows and in other jobs."""

from collections.abc import Sequence

import polars as pl

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.database.notices import find_earlier_import
from import_worker.forms.notices import (
    SAMPLE_ROWS,
    Notice,
    already_imported,
    find_sample_notices,
    template_rows_skipped,
)
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.planned_job import PlannedJob
from import_worker.job import Job
from import_worker.objects import ObjectStore
from import_worker.sources.read.chunk_reader import pieces


def find_notices(
    connection: Connection, store: ObjectStore, job: Job, planned: PlannedJob, chunks: Sequence[Chunk]
) -> list[Notice]:
    """All notices of a plan, inside the caller's transaction. Reads as much of the source as holds SAMPLE_ROWS rows.

    Raises JobFailed when the source is gone or changed, or ObjectStoreUnavailable (a retry may help).
    """
    found = find_sample_notices(planned.form, planned.bindings, _first_rows(store, planned, chunks))
    found += template_rows_skipped(int(planned.plan.format.get("templateRows", 0)))
    earlier = find_earlier_import(connection, job, planned.plan.sha256)
    return found if earlier is None else [*found, already_imported(*earlier)]


def _first_rows(store: ObjectStore, planned: PlannedJob, chunks: Sequence[Chunk]) -> pl.DataFrame:
    """The first SAMPLE_ROWS rows that can be read, with the columns that feed fields."""
    reader = planned.reader(planned.validator().columns)
    frames, rows = [], 0
    for chunk in chunks:
        for piece in pieces(fetch_chunk(store, planned.plan, chunk), chunk, planned.dialect):
            frames.append(reader.read_piece(piece).frame)
            rows += len(frames[-1])
            if rows >= SAMPLE_ROWS:
                return pl.concat(frames).head(SAMPLE_ROWS)
    return pl.concat(frames)
