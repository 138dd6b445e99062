"""The import itself: one chunk is one transaction, and a job is its chunks until none is left."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from time import perf_counter
from uuid import UUID

import polars as pl

from import_worker.chunk import Chunk, ChunkResult
from import_worker.database import chunks
from import_worker.database.connection import Connection, transaction
from import_worker.database.row_errors import ERROR_SCHEMA, insert_errors
from import_worker.database.submissions import Target, insert_submissions, insert_versions
from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.validator import Validator
from import_worker.job_plan import JobPlan
from import_worker.objects import ObjectChanged, ObjectMissing, ObjectStore
from import_worker.sources.read import ChunkData, ChunkReader

MAX_RAW_CHARACTERS = 1_000
"""What of a rejected cell or record goes into the errors; rejected.csv has all of it."""


class Step(Enum):
    """What one call of ``import_next`` came to."""

    IMPORTED = "imported"
    NONE_FREE = "none_free"
    """Every chunk that is left is held by another transaction."""
    ALL_DONE = "all_done"
    NOT_NOW = "not_now"
    """The job's status does not allow importing (any more)."""


@dataclass(frozen=True)
class Checked:
    """One chunk after validation: the good rows' payloads, and all errors in the order of ERROR_SCHEMA."""

    payloads: pl.DataFrame
    errors: pl.DataFrame
    rows_failed: int


class ChunkImporter:
    """Imports chunks of one planned job. Safe to share between threads; each brings its own connection."""

    def __init__(
        self,
        store: ObjectStore,
        job_id: UUID,
        plan: JobPlan,
        target: Target,
        *,
        attempt: int,
        dry_run: bool,
    ) -> None:
        self._store = store
        self._job_id = job_id
        self._plan = plan
        self._target = target
        self._attempt = attempt
        self._dry_run = dry_run
        self._validator: Validator = plan.validator()
        self._reader: ChunkReader = plan.reader(self._validator.columns)
        self._fields = {binding.column: binding.field for binding in plan.bindings()}

    def import_next(self, connection: Connection) -> Step:
        """Claims, reads, validates, loads and checkpoints one chunk: all of it committed, or none.

        Raises DatabaseUnavailable when it is unknown whether the commit came through: the next call finds out, because it
        looks at the chunk table. Raises JobFailed when the source is gone or changed.
        """
        with transaction(connection):
            if not chunks.begin_chunk(connection, self._job_id):
                return Step.NOT_NOW
            chunk = chunks.claim_chunk(connection, self._job_id)
            if chunk is None:
                left = chunks.count_pending(connection, self._job_id)
                return Step.NONE_FREE if left else Step.ALL_DONE
            started = perf_counter()
            data = self._reader.read(read_source(self._store, self._plan, chunk), chunk)
            read = perf_counter()
            checked = self._check(data)
            validated = perf_counter()
            copied = self._load(connection, chunk, checked)
            chunks.finish_chunk(
                connection,
                self._job_id,
                chunk.number,
                self._attempt,
                ChunkResult(
                    rows_succeeded=len(checked.payloads),
                    rows_failed=checked.rows_failed,
                    error_count=len(checked.errors),
                    read_seconds=read - started,
                    validate_seconds=validated - read,
                    copy_seconds=copied - validated,
                    versions_seconds=perf_counter() - copied,
                ),
            )
        return Step.IMPORTED

    def _check(self, data: ChunkData) -> Checked:
        validated = self._validator.validate(data.frame)
        errors = _number_errors(pl.concat([validated.errors, self._reader_errors(data)]), data)
        return Checked(validated.payloads, errors, errors["row"].n_unique())

    def _load(self, connection: Connection, chunk: Chunk, checked: Checked) -> float:
        """Writes rows and errors; returns the moment at which the rows were copied."""
        if len(checked.errors):
            insert_errors(connection, self._job_id, checked.errors)
        copied = perf_counter()
        if len(checked.payloads) and not self._dry_run:
            insert_submissions(connection, self._target, checked.payloads, datetime.now(UTC))
            copied = perf_counter()
            inserted = insert_versions(connection, self._target, chunk.first_row, chunk.first_row + chunk.row_count - 1)
            if inserted != len(checked.payloads):
                raise JobFailed(
                    FailureReason.TARGET_REJECTED,
                    f"The database kept {inserted:,} of {len(checked.payloads):,} rows of chunk {chunk.number}; a trigger or"
                    " policy on form_submissions drops rows silently. Mend it and run `import-worker retry`.",
                )
        return copied

    def _reader_errors(self, data: ChunkData) -> pl.DataFrame:
        """Records that did not become rows, as errors. A malformed record could hold any field, so one sensitive field hides all of it."""
        rows = []
        for bad in data.rejected:
            field = None if bad.column_index is None else self._fields.get(bad.column_index)
            hidden = self._validator.sensitive if bad.column_index is None else field is not None and field.sensitive
            rows.append(
                (
                    bad.row,
                    None if field is None else field.key,
                    bad.error_type,
                    bad.message,
                    "***" if hidden else _cut(bad.raw),
                    bad.column,
                )
            )
        schema = {name: ERROR_SCHEMA[name] for name in ERROR_SCHEMA if name not in ("ordinal", "line")}
        return pl.DataFrame(rows, schema=schema, orient="row")


def read_source(store: ObjectStore, plan: JobPlan, chunk: Chunk) -> bytes:
    """The chunk's bytes, of the very version that was planned. Raises JobFailed, or ObjectStoreUnavailable (a retry may help)."""
    try:
        return store.read_range(plan.source_key, plan.etag, chunk.first_byte, chunk.end_byte)
    except ObjectMissing:
        raise JobFailed(
            FailureReason.SOURCE_FILE_MISSING,
            f"The file {plan.source_key} was removed during the import; put it back and run `import-worker retry`.",
        ) from None
    except ObjectChanged:
        raise JobFailed(
            FailureReason.SOURCE_FILE_CHANGED,
            f"The file {plan.source_key} was replaced during the import; submit the new file as a job of its own.",
        ) from None


def _number_errors(errors: pl.DataFrame, data: ChunkData) -> pl.DataFrame:
    """Adds ``ordinal`` and ``line``, sorted by row (within a row as they came)."""
    errors = errors.sort("row", maintain_order=True)
    lines = data.lines_of(errors["row"].to_numpy())
    return errors.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row").alias("ordinal"), pl.Series("line", lines)
    ).select(*ERROR_SCHEMA)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_RAW_CHARACTERS else text[: MAX_RAW_CHARACTERS - 1] + "…"
