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
from import_worker.database.queries import fragment, query
from import_worker.database.stop_requests import Edited
from import_worker.errors import JobRefused, TransientError, UsageError
from import_worker.targets.submissions.kept_rows import keep_rows
from import_worker.targets.submissions.references import SUBMISSIONS, Reference

_VERSIONS = "form_submission_versions"
_TRIES = 5
"""How often a batch is begun anew because somebody touched one of its rows meanwhile."""


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
            first, last = sql.Literal(self.first), sql.Literal(self.last)
            return fragment("in_range", column=name, first=first, last=last)
        return fragment("in_list", column=name, ids=sql.Literal(list(self.ids)))


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
            source = fragment("holders", holder=sql.SQL(holder.child))
            noted += self._note_referred(connection, source, f"h.{holder.column}", scope)
        for going in self._going_with(SUBMISSIONS):
            for holder in self._held_by(going.child):
                source = fragment("holders_of_child", child=sql.SQL(going.child), **_holder_names(holder))
                noted += self._note_referred(connection, source, f"r.{going.column}", scope)
        return noted

    def count(self, connection: Connection, scope: Scope) -> tuple[int, int, int]:
        """How many rows would be taken out, how many are edited and how many are referred to (which counts first), once
        ``find_referred`` has run in the caller's transaction."""
        statement = fragment("count_to_undo", job=self._job, unknown=self._unknown(scope), scope=scope.on("s.id"))
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
            connection.execute(query("leave_key_triggers_out"))
        statement = fragment(
            "delete_untouched" if self.edited == "keep" else "delete_all_but_kept",
            job=self._job,
            unknown=self._unknown(scope),
            scope=scope.on("s.id"),
        )
        taken = connection.execute(statement).rowcount
        if self.by_sets:
            # From here on nobody can begin to refer to a row that is gone: the lock of the deletion is in his way. Who
            # began before is waited for by the deletion, and is seen now.
            for reference in self._held_by(SUBMISSIONS):
                self._check_held(connection, reference, scope)
            for reference in self._going_with(SUBMISSIONS):
                self._take_what_goes(connection, reference, scope)
            connection.execute(query("run_key_triggers"))
        connection.execute(fragment("keep_remaining", job=self._job, scope=scope.on("s.id")))
        return taken

    def _take_what_goes(self, connection: Connection, going: Reference, scope: Scope) -> None:
        """Deletes the rows of a table that went with deleted submissions."""
        names = _names(going, scope)
        if going.child == _VERSIONS and self.edited == "keep":
            self._raise_for(connection, fragment("select_edited", **names), "edited")
        holders = self._held_by(going.child)
        for holder in holders:
            self._raise_for(connection, fragment("select_held", **names, **_holder_names(holder)), "referred")
        below = self._going_with(going.child)
        if going.key is None or not (holders or below):
            connection.execute(fragment("delete_orphaned", **names))
            return
        # Versions of ours have their submissions' ids, so only the ids of others need to be known.
        statement = fragment("delete_orphaned_with_keys", **names, key=sql.SQL(going.key))
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
        key = sql.SQL(f"r.{going.key}" if going.key else "NULL")
        statement = fragment("delete_orphaned_below", **_names(going, scope), key=key)
        keys = tuple(key for (key,) in connection.execute(statement).fetchall())
        for reference in self.references:
            if reference.parent != going.child or not keys or going.key is None:
                continue
            if reference.goes:
                self._take_below(connection, reference, Scope(ids=keys))
            elif connection.execute(_select_orphaned(reference, Scope(ids=keys))).fetchone():
                raise JobRefused(
                    f"Rows of {reference.child} hold rows of {going.child} that go with submissions of job"
                    f" {self.job_id}; remove them, and roll the job back again."
                )

    def _check_held(
        self, connection: Connection, reference: Reference, scope: Scope, parents: dict[Any, UUID] | None = None
    ) -> None:
        """Raises _Touched for rows of the reference whose parent is gone. ``parents``: a parent's submission, where the
        parent is not the submission itself."""
        held = [key for (key,) in connection.execute(_select_orphaned(reference, scope)).fetchall()]
        if held:
            raise _Touched([(parents or {}).get(key, key) for key in held], "referred")

    def _raise_for(self, connection: Connection, statement: sql.Composed, reason: str) -> None:
        if ids := [row[0] for row in connection.execute(statement).fetchall()]:
            raise _Touched(ids, reason)

    def _unknown(self, scope: Scope) -> sql.Literal:
        """Whether the transactions that wrote these rows are not known."""
        return sql.Literal(scope.first is None or not self.ours)

    def _note_referred(self, connection: Connection, source: sql.Composable, column: str, scope: Scope) -> int:
        statement = fragment(
            "keep_referred", job=self._job, source=source, column=sql.SQL(column), scope=scope.on(column)
        )
        return connection.execute(statement).rowcount

    def _held_by(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and not reference.goes]

    def _going_with(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and reference.goes]


def _names(reference: Reference, scope: Scope) -> dict[str, sql.Composable]:
    """What statements about the rows of a reference are put together from."""
    names = {name: sql.SQL(getattr(reference, name)) for name in ("child", "column", "parent", "parent_column")}
    return {**names, "scope": scope.on(f"r.{reference.column}")}


def _holder_names(holder: Reference) -> dict[str, sql.Composable]:
    """The same of a reference whose rows hold those of another."""
    names = {"holder": holder.child, "holder_column": holder.column, "held_column": holder.parent_column}
    return {name: sql.SQL(text) for name, text in names.items()}


def _select_orphaned(reference: Reference, scope: Scope) -> sql.Composed:
    return fragment("select_orphaned", **_names(reference, scope))
