"""The import of one chunk: one transaction around claim, rows, errors and checkpoint."""

from contextlib import suppress
from dataclasses import replace
from enum import Enum
from functools import partial
from time import perf_counter

from import_worker.chunk import Chunk, ChunkResult
from import_worker.database import chunks
from import_worker.database.connection import Connection, transaction
from import_worker.database.duplicates import list_duplicates
from import_worker.database.row_errors import insert_errors
from import_worker.forms.known import KnownValues
from import_worker.importing.attempt import Attempt
from import_worker.importing.checking import ChunkChecker
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.form_files import FormFiles
from import_worker.importing.lookups import Lookups
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.prefetch import prefetch
from import_worker.importing.stopwatch import Stopwatch
from import_worker.targets.choice import target_of
from import_worker.targets.dry_run import open_dry_run
from import_worker.targets.refusal import RowsRefused, savepoint
from import_worker.targets.target import Loaded


class ChunkOutcome(Enum):
    """How one call of ``import_next`` ended."""

    IMPORTED = "imported"
    NONE_FREE = "none_free"
    """Other transactions hold every chunk that is left."""
    ALL_DONE = "all_done"
    NOT_NOW = "not_now"
    """The job's status does not allow importing (any more)."""


class ChunkImporter:
    """Imports chunks of one planned job. Safe to share between threads; each brings its own connection."""

    def __init__(self, attempt: Attempt, planned: PlannedJob) -> None:
        """Several threads report each chunk's result to ``attempt.listeners.metrics``, after its commit."""
        self._store = attempt.store
        self._metrics = attempt.listeners.metrics
        self._attempt = attempt.number
        self._planned = planned
        self._job_id = planned.job_id
        self._target = target_of(planned.keys)
        self._dry_run = planned.dry_run
        self._checker = ChunkChecker(planned, FormFiles(attempt.store, planned.plan.form_id).place)
        self._lookups = Lookups(self._checker.lookups)

    def import_next(self, connection: Connection) -> ChunkOutcome:
        """Claims, reads, validates, loads and checkpoints one chunk: all of it is committed, or nothing. After the
        commit its rows are read once more, because that is nearly free at this moment (docs/architecture.md, One
        chunk).

        Raises DatabaseUnavailable also when it is unknown whether the commit took effect: the next call finds out,
        because it looks at the chunk table. Raises JobFailed when the source is gone or changed, or the target drops
        rows.
        """
        started = perf_counter()
        with transaction(connection):
            if not chunks.begin_chunk(connection, self._job_id):
                return ChunkOutcome.NOT_NOW
            chunk = chunks.claim_chunk(connection, self._job_id)
            if chunk is None:
                left = chunks.count_pending(connection, self._job_id)
                return ChunkOutcome.NONE_FREE if left else ChunkOutcome.ALL_DONE
            result = self._load(connection, chunk)
            chunks.finish_chunk(connection, self._job_id, chunk.number, self._attempt, result)
            finished = perf_counter()
        commit_seconds = perf_counter() - finished
        self._metrics.chunk_done(result, perf_counter() - started, commit_seconds)
        if not self._dry_run:
            with transaction(connection):
                chunks.record_commit_seconds(connection, self._job_id, chunk.number, commit_seconds)
                self._target.read_again(connection, chunk)
        return ChunkOutcome.IMPORTED

    def _load(self, connection: Connection, chunk: Chunk) -> ChunkResult:
        """Loads the chunk. If the database refuses a row of it, loads it once more by bisection, without such rows."""
        watch = Stopwatch()
        with watch.measure("read"):
            data = fetch_chunk(self._store, self._planned.plan, chunk)
        known = self._find_known(connection, chunk, data)
        load = partial(self._load_pieces, connection, chunk, data, known, watch)
        with suppress(RowsRefused), savepoint(connection):
            return load(bisect=False)
        return load(bisect=True)

    def _find_known(self, connection: Connection, chunk: Chunk, data: bytes) -> KnownValues:
        """Finds what validation must know beyond the rows. It is asked before the first piece, because another thread
        makes the pieces while this connection copies."""
        known = KnownValues()
        if self._checker.has_unique_fields:
            known = replace(known, duplicates=list_duplicates(connection, self._job_id, chunk))
        if self._checker.lookups:
            values = self._checker.values_to_look_up(data, chunk)
            known = replace(known, found=self._lookups.find(connection, values))
        return known

    def _load_pieces(
        self, connection: Connection, chunk: Chunk, data: bytes, known: KnownValues, watch: Stopwatch, *, bisect: bool
    ) -> ChunkResult:
        """Loads the good rows and stores the errors. ``bisect``: rows that the database refuses are errors, too."""
        total, failed, errors = Loaded(), 0, 0
        # The database takes one piece while the next one is validated.
        with (
            open_dry_run() if self._dry_run else self._target.open_chunk(connection, chunk, bisect=bisect) as target,
            prefetch(self._checker.check(data, chunk, watch, known)) as pieces,
        ):
            for piece in pieces:
                with watch.measure("copy"):
                    loaded = target.load(piece)
                    if len(loaded.errors):
                        insert_errors(connection, self._job_id, loaded.errors)
                total += loaded.loaded
                failed += loaded.rows_failed
                errors += len(loaded.errors)
            with watch.measure("versions"):
                row_xacts = target.close()
        return ChunkResult(
            rows_succeeded=total.inserted,
            rows_failed=failed,
            error_count=errors,
            read_seconds=watch.seconds["read"],
            validate_seconds=watch.seconds["validate"],
            copy_seconds=watch.seconds["copy"],
            versions_seconds=watch.seconds["versions"],
            row_xacts=row_xacts,
            file_count=total.files,
        )
