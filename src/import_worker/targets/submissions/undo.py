"""Removes a job's submissions in batches: first the job's own range of ids, then rows with other ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import structlog

from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query
from import_worker.database.stop_requests import Edited
from import_worker.targets.submissions.ids import RowIds
from import_worker.targets.submissions.kept_rows import count_kept, delete_kept_rows, keep_remaining, stream_kept
from import_worker.targets.submissions.references import Reference, find_undo_obstacle, list_references
from import_worker.targets.submissions.removing import Remover
from import_worker.targets.submissions.scope import Scope
from import_worker.targets.undo import UndoCounts

log = structlog.stdlib.get_logger(__name__)

ROWS = 20_000
"""Rows removed in one transaction, which is then so short that nobody waits long for its locks or its WAL."""
ROWS_BESIDE_SCANS = 250_000
"""Rows removed in one transaction if a large referring table must be scanned, because its column has no index."""
LARGE_TABLE_ROWS = 50_000
OTHER_IDS_AT_ONCE = 500_000
"""How many rows with ids outside the job's own range are fetched at once: as many as fit into memory easily."""


@dataclass(frozen=True)
class SubmissionUndo:
    """The Undo of a job that imported into a form. ``ids`` and ``rows_total`` are those of its plan; None and 0 if it
    has none."""

    job_id: UUID
    ids: RowIds | None
    rows_total: int

    def prepare(self, connection: Connection, edited: Edited) -> "SubmissionRemoval":
        references = list_references(connection)
        why = find_undo_obstacle(connection, references)
        log.info("rolling back", job_id=str(self.job_id), keys_by_sets=why is None, why_not=why)
        row = connection.execute(query("row_xacts_known"), {"job_id": self.job_id}).fetchone()
        assert row is not None  # an aggregate
        remover = Remover(self.job_id, edited, references, xacts_known=bool(row[0]), by_sets=why is None)
        return SubmissionRemoval(self, remover)

    def keep_remaining(self, connection: Connection) -> None:
        if self.ids is not None:
            keep_remaining(connection, self.job_id, self.ids)

    def count_kept(self, connection: Connection) -> Mapping[str, int]:
        return count_kept(connection, self.job_id)

    def stream_kept(self, connection: Connection) -> Iterator[bytes]:
        return stream_kept(connection, self.job_id, self.ids)


@dataclass(frozen=True)
class SubmissionBatch:
    """A Batch of submissions."""

    remover: Remover
    scope: Scope
    last_row: int | None = None

    def remove(self, connection: Connection) -> int:
        return self.remover.remove(connection, self.scope)


@dataclass(frozen=True)
class SubmissionRemoval:
    """The Removal of a job's submissions."""

    undo: SubmissionUndo
    remover: Remover

    def count(self, connection: Connection) -> UndoCounts:
        """Counts what ``batches`` would find, with as few scopes as possible."""
        counts = UndoCounts()
        for scope in (*self._own_scope(), *(Scope(ids=ids) for ids in self._list_other_ids(connection))):
            self.remover.note_referred(connection, scope)
            counts += self.remover.count(connection, scope)
        return counts

    def start(self, connection: Connection) -> None:
        delete_kept_rows(connection, self.undo.job_id)
        for scope in self._own_scope():
            self.remover.note_referred(connection, scope)

    def batches(self, connection: Connection) -> Iterator[SubmissionBatch]:
        if self.undo.ids is not None:
            size = _batch_rows(self.remover.references)
            for first in range(1, self.undo.rows_total + 1, size):
                last = min(first + size - 1, self.undo.rows_total)
                scope = Scope(self.undo.ids.of_row(first), self.undo.ids.of_row(last))
                yield SubmissionBatch(self.remover, scope, last)
        for ids in self._list_other_ids(connection):
            scope = Scope(ids=ids)
            with transaction(connection):
                self.remover.note_referred(connection, scope)
            yield SubmissionBatch(self.remover, scope)

    def _own_scope(self) -> Sequence[Scope]:
        """The job's own range of ids as one scope; no scope if the job has no plan."""
        return () if self.undo.ids is None else (Scope(*self.undo.ids.bounds()),)

    def _list_other_ids(self, connection: Connection) -> Iterator[list[UUID]]:
        """Yields the ids of the job's rows outside that range, up to ROWS at a time, in order."""
        first_id, last_id = (None, None) if self.undo.ids is None else self.undo.ids.bounds()
        after = ""
        for _ in count():
            values = {
                "job_id": self.undo.job_id,
                "first_id": first_id,
                "last_id": last_id,
                "after": after,
                "limit": OTHER_IDS_AT_ONCE,
            }
            with transaction(connection):
                found = connection.execute(query("rows_with_other_ids"), values)
                ids = [row[0] for row in found.fetchall()]
            for start in range(0, len(ids), ROWS):
                yield ids[start : start + ROWS]
            if len(ids) < OTHER_IDS_AT_ONCE:
                return
            after = str(ids[-1])


def _batch_rows(references: Sequence[Reference]) -> int:
    scanned = sum(reference.rows for reference in references if not reference.indexed)
    return ROWS_BESIDE_SCANS if scanned > LARGE_TABLE_ROWS else ROWS
