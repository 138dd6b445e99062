"""Taking a job's submissions out again, a bounded number at a time, and leaving in what people have touched.

A submission is *referred to* when a row of another table holds it. It is *edited* when another transaction than its
chunk's wrote it last (xmin; a lock changes xmax only, and freezing keeps xmin), or when it has a second version. Where
nothing is known of its chunk's transaction (a job of an earlier version of this program, or of another one; a
transaction too long ago), its own columns and its first version tell instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from import_worker.database.connection import Connection
from import_worker.database.requests import Edited
from import_worker.errors import JobRefused, TransientError, UsageError
from import_worker.targets.submissions.kept_rows import keep_rows
from import_worker.targets.submissions.references import SUBMISSIONS, Reference

_VERSIONS = "form_submission_versions"
_TRIES = 5
"""How often a batch is begun anew because somebody touched one of its rows meanwhile."""

_UNTOUCHED = sql.SQL(
    "NOT EXISTS (SELECT FROM form_submission_versions v WHERE v.submission_id = s.id AND v.version_number > 1)"
    " AND (s.xmin IN (SELECT unnest(c.row_xacts) FROM import_worker.chunks c WHERE c.job_id = {job}"
    " AND pg_snapshot_xmax(pg_current_snapshot())::text::numeric - c.xact_id::text::numeric BETWEEN 0 AND 2147483647)"
    " OR {unknown} AND s.status = 'submitted' AND s.reviewed_at IS NULL"
    " AND s.updated_at - s.created_at < interval '1 second'"
    " AND NOT EXISTS (SELECT FROM form_submission_versions v WHERE v.submission_id = s.id"
    " AND v.payload_snapshot <> s.payload))"
)
_NOT_KEPT = sql.SQL(
    "NOT EXISTS (SELECT FROM import_worker.kept_rows k WHERE k.job_id = {job} AND k.submission_id = s.id)"
)


@dataclass(frozen=True)
class Scope:
    """Some submissions: those with ids from ``first`` to ``last``, both included, or those in ``ids``."""

    first: UUID | None = None
    last: UUID | None = None
    ids: Sequence[Any] = ()

    def on(self, column: str) -> sql.Composable:
        """The condition on a column of their ids."""
        name = sql.SQL(column)
        if self.first is not None and self.last is not None:
            return sql.SQL("{} BETWEEN {} AND {}").format(name, sql.Literal(self.first), sql.Literal(self.last))
        return sql.SQL("{} = ANY({})").format(name, sql.Literal(list(self.ids)))


class _Touched(Exception):
    """Rows of the batch that somebody touched just now, seen after they were deleted and before that was committed."""

    def __init__(self, ids: Sequence[UUID], reason: str) -> None:
        super().__init__(reason)
        self.ids, self.reason = ids, reason


@dataclass(frozen=True)
class Undo:
    """Takes out rows of one job. ``ours``: whether the transactions that wrote the rows of its own id range are all
    known. ``by_sets``: whether foreign keys are looked after here instead of row by row (``why_keys_stay_on``)."""

    job_id: UUID
    edited: Edited
    references: Sequence[Reference]
    ours: bool
    by_sets: bool
    _job: sql.Literal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_job", sql.Literal(self.job_id))
        for reference in self.references:
            if not reference.may_read or (reference.goes and self.by_sets and not reference.may_delete):
                privilege = "SELECT, DELETE" if reference.goes else "SELECT"
                raise UsageError(
                    f"The database role may not look after {reference.child}, whose rows hang on submissions; grant it:"
                    f" GRANT {privilege} ON {reference.child} TO the role."
                )

    def find_referred(self, connection: Connection, scope: Scope) -> int:
        """Notes rows that other tables hold as rows to be kept, inside the caller's transaction; returns how many. A
        referring column without an index costs one look through its table."""
        noted = 0
        for holder in self._held_by(SUBMISSIONS):
            source = sql.SQL("{} h").format(sql.SQL(holder.child))
            noted += self._note_referred(connection, source, f"h.{holder.column}", scope)
        for going in self._going_with(SUBMISSIONS):
            for holder in self._held_by(going.child):
                source = sql.SQL("{} h JOIN {} r ON r.{} = h.{}").format(
                    *map(sql.SQL, (holder.child, going.child, holder.parent_column, holder.column))
                )
                noted += self._note_referred(connection, source, f"r.{going.column}", scope)
        return noted

    def count(self, connection: Connection, scope: Scope) -> tuple[int, int, int]:
        """How many rows would be taken out, how many are edited and how many are referred to (which counts first), once
        ``find_referred`` has run in the caller's transaction."""
        statement = sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE NOT {kept}), count(*) FILTER (WHERE {kept} AND {untouched})"
            " FROM form_submissions s WHERE {scope} AND s.import_job_id = {job}"
        ).format(
            kept=_NOT_KEPT.format(job=self._job),
            untouched=self._untouched(scope),
            scope=scope.on("s.id"),
            job=self._job,
        )
        row = connection.execute(statement).fetchone()
        assert row is not None  # an aggregate
        found, referred, untouched = map(int, row)
        return untouched, found - referred - untouched, referred

    def take(self, connection: Connection, scope: Scope) -> int:
        """Deletes what may go, with all that goes with it, and notes the rest as kept, inside the caller's transaction;
        returns how many submissions were deleted. Raises JobRefused, or TransientError (a retry may help)."""
        for _ in range(_TRIES):
            try:
                with connection.transaction():  # a savepoint
                    return self._take(connection, scope)
            except _Touched as touched:
                keep_rows(connection, self.job_id, touched.ids, touched.reason)
            except psycopg.errors.ForeignKeyViolation as error:
                if not self.find_referred(connection, scope):
                    raise JobRefused(
                        f"Rows of job {self.job_id} are used elsewhere ({error.diag.message_primary}); remove what"
                        " refers to them and roll the job back again."
                    ) from error
        raise TransientError(
            f"Rows of job {self.job_id} are touched again and again while it is rolled back; roll it back again."
        )

    def _take(self, connection: Connection, scope: Scope) -> int:
        if self.by_sets:
            connection.execute("SET LOCAL session_replication_role = replica")
        of_job = sql.SQL("s.import_job_id = {}").format(self._job)
        takeable: list[sql.Composable] = [scope.on("s.id"), of_job, _NOT_KEPT.format(job=self._job)]
        if self.edited == "keep":
            takeable.append(self._untouched(scope))
        statement = sql.SQL("DELETE FROM form_submissions s WHERE {}").format(sql.SQL(" AND ").join(takeable))
        taken = connection.execute(statement).rowcount
        if self.by_sets:
            # From here on nobody can begin to refer to a row that is gone: the lock of the deletion is in his way. Who
            # began before is waited for by the deletion, and is seen now.
            for reference in self._held_by(SUBMISSIONS):
                self._check_held(connection, reference, scope)
            for reference in self._going_with(SUBMISSIONS):
                self._take_what_goes(connection, reference, scope)
            connection.execute("SET LOCAL session_replication_role = origin")
        connection.execute(
            sql.SQL(
                "INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)"
                " SELECT {job}, s.id, 'edited' FROM form_submissions s WHERE {scope} AND s.import_job_id = {job}"
                " ON CONFLICT DO NOTHING"
            ).format(job=self._job, scope=scope.on("s.id"))
        )
        return taken

    def _take_what_goes(self, connection: Connection, going: Reference, scope: Scope) -> None:
        """Deletes the rows of a table that went with deleted submissions."""
        orphaned = _orphaned(going, scope)
        if going.child == _VERSIONS and self.edited == "keep":
            self._raise_for(
                connection,
                sql.SQL("SELECT DISTINCT r.submission_id FROM form_submission_versions r WHERE {} AND {}").format(
                    orphaned, sql.SQL("r.version_number > 1")
                ),
                "edited",
            )
        holders = self._held_by(going.child)
        for reference in holders:
            self._raise_for(
                connection,
                sql.SQL("SELECT DISTINCT r.{} FROM {} h JOIN {} r ON r.{} = h.{} WHERE {}").format(
                    *map(sql.SQL, (going.column, reference.child, going.child)),
                    *map(sql.SQL, (reference.parent_column, reference.column)),
                    orphaned,
                ),
                "referred",
            )
        deletion = sql.SQL("DELETE FROM {} r WHERE {}").format(sql.SQL(going.child), orphaned)
        below = self._going_with(going.child)
        if going.key is None or not (holders or below):
            connection.execute(deletion)
            return
        # Versions of ours have their submissions' ids, so only the ids of others need to be known.
        statement = sql.SQL(
            "WITH gone AS ({} RETURNING r.{} AS key, r.{} AS parent)"
            " SELECT key, parent FROM gone WHERE key::text <> parent::text"
        ).format(deletion, sql.SQL(going.key), sql.SQL(going.column))
        parents: dict[Any, UUID] = dict(connection.execute(statement).fetchall())
        scopes = [Scope(ids=tuple(parents))] if parents else []
        if going.child == _VERSIONS:
            scopes.append(scope)
        for each in scopes:
            for reference in holders:
                self._check_held(connection, reference, each, parents)
            for reference in below:
                self._take_below(connection, reference, each)

    def _take_below(self, connection: Connection, going: Reference, scope: Scope) -> None:
        """Deletes rows that go with rows that went with submissions, and so on."""
        orphaned = _orphaned(going, scope)
        key = sql.SQL(f"r.{going.key}" if going.key else "NULL")
        statement = sql.SQL("DELETE FROM {} r WHERE {} RETURNING {}").format(sql.SQL(going.child), orphaned, key)
        keys = tuple(key for (key,) in connection.execute(statement).fetchall())
        for reference in self.references:
            if reference.parent != going.child or not keys or going.key is None:
                continue
            if reference.goes:
                self._take_below(connection, reference, Scope(ids=keys))
            elif connection.execute(_held(reference, Scope(ids=keys))).fetchone():
                raise JobRefused(
                    f"Rows of {reference.child} hold rows of {going.child} that go with submissions of job"
                    f" {self.job_id}; remove them, and roll the job back again."
                )

    def _check_held(
        self, connection: Connection, reference: Reference, scope: Scope, parents: dict[Any, UUID] | None = None
    ) -> None:
        """Raises _Touched for rows of the reference whose parent is gone. ``parents``: a parent's submission, where the
        parent is not the submission itself."""
        held = [key for (key,) in connection.execute(_held(reference, scope)).fetchall()]
        if held:
            raise _Touched([(parents or {}).get(key, key) for key in held], "referred")

    def _raise_for(self, connection: Connection, statement: sql.Composed, reason: str) -> None:
        if ids := [row[0] for row in connection.execute(statement).fetchall()]:
            raise _Touched(ids, reason)

    def _untouched(self, scope: Scope) -> sql.Composable:
        unknown = scope.first is None or not self.ours
        return _UNTOUCHED.format(job=self._job, unknown=sql.Literal(unknown))

    def _note_referred(self, connection: Connection, source: sql.Composable, column: str, scope: Scope) -> int:
        statement = sql.SQL(
            "INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)"
            " SELECT DISTINCT {job}, s.id, 'referred' FROM {source} JOIN form_submissions s ON s.id = {column}"
            " WHERE {scope} AND s.import_job_id = {job}"
            " ON CONFLICT (job_id, submission_id) DO UPDATE SET reason = 'referred'"
        ).format(job=self._job, source=source, column=sql.SQL(column), scope=scope.on(column))
        return connection.execute(statement).rowcount

    def _held_by(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and not reference.goes]

    def _going_with(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and reference.goes]


def _orphaned(reference: Reference, scope: Scope) -> sql.Composable:
    """Rows ``r`` of a reference, in that scope, whose parent is not there."""
    return sql.SQL("{} AND NOT EXISTS (SELECT FROM {} p WHERE p.{} = r.{})").format(
        scope.on(f"r.{reference.column}"),
        *map(sql.SQL, (reference.parent, reference.parent_column, reference.column)),
    )


def _held(reference: Reference, scope: Scope) -> sql.Composed:
    return sql.SQL("SELECT DISTINCT r.{} FROM {} r WHERE {}").format(
        sql.SQL(reference.column), sql.SQL(reference.child), _orphaned(reference, scope)
    )
