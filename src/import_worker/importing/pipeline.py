"""The import itself: one chunk is one transaction, and a job is its chunks until none is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from time import perf_counter

import psycopg
import structlog

from import_worker.chunk import Chunk, ChunkResult
from import_worker.database import chunks
from import_worker.database.connection import Connection, transaction
from import_worker.database.duplicates import duplicates_of
from import_worker.database.row_errors import insert_errors
from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.known import Known
from import_worker.importing.ahead import ahead
from import_worker.importing.attempt import Attempt
from import_worker.importing.checking import Checked, ChunkChecker
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.form_files import FormFiles
from import_worker.importing.loading import Loader, is_about_rows
from import_worker.importing.lookups import Lookups
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.stopwatch import Stopwatch
from import_worker.targets.submissions.files import count_files
from import_worker.targets.submissions.foreign_keys import KeyCheck, keys_checked_once
from import_worker.targets.submissions.rows import insert_versions, read_again, row_xacts, settle_constraints

log = structlog.stdlib.get_logger(__name__)


class Step(Enum):
    """What one call of ``import_next`` came to."""

    IMPORTED = "imported"
    NONE_FREE = "none_free"
    """Every chunk that is left is held by another transaction."""
    ALL_DONE = "all_done"
    NOT_NOW = "not_now"
    """The job's status does not allow importing (any more)."""


class ChunkImporter:
    """Imports chunks of one planned job. Safe to share between threads; each brings its own connection."""

    def __init__(self, attempt: Attempt, planned: PlannedJob) -> None:
        """``attempt.listeners.metrics`` is told what each chunk came to, after its commit, by several threads."""
        self._store = attempt.store
        self._metrics = attempt.listeners.metrics
        self._attempt = attempt.number
        self._planned = planned
        self._job_id = planned.job_id
        self._target = planned.keys
        self._dry_run = planned.dry_run
        self._checker = ChunkChecker(planned, FormFiles(attempt.store, planned.plan.form_id).place)
        self._lookups = Lookups(self._checker.lookups)
        self._key_check: KeyCheck | None = None

    def import_next(self, connection: Connection) -> Step:
        """Claims, reads, validates, loads and checkpoints one chunk: all of it committed, or none; then reads it again.

        Raises DatabaseUnavailable also when it is unknown whether the commit came through: the next call finds out,
        because it looks at the chunk table. Raises JobFailed when the source is gone or changed, or the target drops
        rows.
        """
        started = perf_counter()
        with transaction(connection):
            if not chunks.begin_chunk(connection, self._job_id):
                return Step.NOT_NOW
            chunk = chunks.claim_chunk(connection, self._job_id)
            if chunk is None:
                left = chunks.count_pending(connection, self._job_id)
                return Step.NONE_FREE if left else Step.ALL_DONE
            result = self._load(connection, chunk)
            chunks.finish_chunk(connection, self._job_id, chunk.number, self._attempt, result)
            finished = perf_counter()
        commit_seconds = perf_counter() - finished
        self._metrics.chunk_done(result, perf_counter() - started, commit_seconds)
        if not self._dry_run:
            with transaction(connection):
                chunks.note_commit(connection, self._job_id, chunk.number, commit_seconds)
                last_row = chunk.first_row + chunk.row_count - 1
                read_again(connection, self._target, chunk.first_row, last_row)
                count_files(
                    connection, self._target, chunk.first_row, last_row
                )  # reads them again, for the same reason
        return Step.IMPORTED

    def _load(self, connection: Connection, chunk: Chunk) -> ChunkResult:
        """Loads the chunk whole; if the database refuses a row of it, once more, leaving out what it refuses."""
        watch = Stopwatch()
        with watch.measure("read"):
            data = fetch_chunk(self._store, self._planned.plan, chunk)
        known = self._known(connection, chunk, data)
        loader = Loader(connection, self._target, datetime.now(UTC))
        try:
            with connection.transaction():  # a savepoint: undone when a row is refused
                return self._load_pieces(connection, chunk, data, known, watch, loader.load, one_savepoint=True)
        except psycopg.Error as error:
            if not is_about_rows(error):
                raise
        loader.nothing_in = chunks.get_progress(connection, self._job_id).rows_succeeded == 0
        load = loader.load_what_is_taken
        return self._load_pieces(connection, chunk, data, known, watch, load, one_savepoint=False)

    def _known(self, connection: Connection, chunk: Chunk, data: bytes) -> Known:
        """What the validation needs to know beyond the rows; asked before the pieces, which are made by another thread
        while the connection copies."""
        known = Known()
        if self._checker.has_unique_fields:
            known = replace(known, duplicates=duplicates_of(connection, self._job_id, chunk))
        if self._checker.lookups:
            values = self._checker.values_to_look_up(data, chunk)
            known = replace(known, found=self._lookups.found(connection, values))
        return known

    def _load_pieces(
        self,
        connection: Connection,
        chunk: Chunk,
        data: bytes,
        known: Known,
        watch: Stopwatch,
        load: Callable[[Checked], Checked],
        *,
        one_savepoint: bool,
    ) -> ChunkResult:
        succeeded = failed = errors = files = 0
        # The database takes one piece while the next one is validated.
        with (
            nullcontext(KeyCheck(once=False)) if self._dry_run else self._keys_checked(connection) as check,
            ahead(self._checker.check(data, chunk, watch, known)) as pieces,
        ):
            for checked in pieces:
                with watch.measure("copy"):
                    loaded = checked if self._dry_run or checked.payloads.is_empty() else load(checked)
                    if len(loaded.errors):
                        insert_errors(connection, self._job_id, loaded.errors)
                succeeded += len(loaded.payloads)
                failed += loaded.rows_failed
                errors += len(loaded.errors)
                files += len(loaded.files)
            xacts: tuple[str, ...] = ()
            if succeeded and not self._dry_run:
                with watch.measure("versions"):
                    self._insert_versions(connection, chunk, succeeded)
                last_row = chunk.first_row + chunk.row_count - 1
                alike = one_savepoint and check.once  # which says that the table has no triggers, too
                xacts = row_xacts(connection, self._target, chunk.first_row, last_row, alike=alike)
        return ChunkResult(
            rows_succeeded=succeeded,
            rows_failed=failed,
            error_count=errors,
            read_seconds=watch.seconds["read"],
            validate_seconds=watch.seconds["validate"],
            copy_seconds=watch.seconds["copy"],
            versions_seconds=watch.seconds["versions"],
            row_xacts=xacts,
            file_count=files,
        )

    @contextmanager
    def _keys_checked(self, connection: Connection) -> Iterator[KeyCheck]:
        with keys_checked_once(connection, self._target) as check:
            if check != self._key_check:  # told once, and again when somebody has changed the tables
                self._key_check = check
                log.info("foreign keys are checked", once_a_chunk=check.once, why_not=check.why)
            yield check

    def _insert_versions(self, connection: Connection, chunk: Chunk, expected: int) -> None:
        last_row = chunk.first_row + chunk.row_count - 1
        inserted = insert_versions(connection, self._target, chunk.first_row, last_row)
        settle_constraints(connection)
        if inserted != expected:
            raise JobFailed(
                FailureReason.TARGET_REJECTED,
                f"The database kept {inserted:,} of {expected:,} rows of chunk {chunk.number}; a trigger or policy on"
                " form_submissions drops rows silently. Mend it and run the job with --retry.",
            )
