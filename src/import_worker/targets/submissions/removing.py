"""Deletes submissions of a job with all rows that cascade from them, and keeps those that people have touched.

A submission is *referred to* if a row of another table prevents deleting it: by a foreign key that does not cascade, to
the submission or to a row that would be deleted with it. It is *edited* if another transaction than its chunk's wrote
it last (xmin; a lock changes only xmax, and freezing keeps xmin), or if it has a second version. If the chunk's
transaction is unknown (the job was imported by an earlier version or another program, or the transaction is too old),
the submission's own columns and its first version decide.
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
from import_worker.targets.submissions.scope import Scope
from import_worker.targets.undo import UndoCounts

_VERSIONS = "form_submission_versions"
_TRIES = 5
"""How often a batch is tried if somebody touches one of its rows meanwhile."""


class _Touched(Exception):
    """Somebody touched rows of the batch meanwhile; noticed after they were deleted and before that was committed."""

    def __init__(self, ids: Sequence[UUID], reason: str) -> None:
        super().__init__(reason)
        self.ids, self.reason = ids, reason


@dataclass(frozen=True)
class Remover:
    """Removes rows of one job. ``xacts_known``: whether all transactions that wrote the rows of the job's own id range
    are known. ``by_sets``: whether foreign keys are checked and cascaded here instead of by PostgreSQL row by row
    (``find_undo_obstacle``)."""

    job_id: UUID
    edited: Edited
    references: Sequence[Reference]
    xacts_known: bool
    by_sets: bool
    _job: sql.Literal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_job", sql.Literal(self.job_id))
        for reference in self.references:
            privilege = reference.lacking_privilege(by_sets=self.by_sets)
            if privilege is not None:
                raise UsageError(
                    f"The database role may not look after {reference.child}, whose rows hang on submissions; grant it:"
                    f" GRANT {privilege} ON {reference.child} TO the role."
                )

    def note_referred(self, connection: Connection, scope: Scope) -> int:
        """Records rows that other tables refer to as kept, inside the caller's transaction; returns how many. A
        referring column without an index costs one scan of its table."""
        noted = 0
        for holder in self._holders_of(SUBMISSIONS):
            source = fragment("holders", holder=sql.SQL(holder.child))
            noted += self._note_source(connection, source, f"h.{holder.column}", scope)
        for cascade in self._cascades_from(SUBMISSIONS):
            for holder in self._holders_of(cascade.child):
                source = fragment("holders_of_child", child=sql.SQL(cascade.child), **_holder_names(holder))
                noted += self._note_source(connection, source, f"r.{cascade.column}", scope)
        return noted

    def count(self, connection: Connection, scope: Scope) -> UndoCounts:
        """Counts the rows of a scope, once ``note_referred`` has run in the caller's transaction."""
        statement = fragment("count_to_undo", job=self._job, unknown=self._is_unknown(scope), scope=scope.on("s.id"))
        row = connection.execute(statement).fetchone()
        assert row is not None  # an aggregate
        found, referred, untouched = map(int, row)
        return UndoCounts(untouched, found - referred - untouched, referred)

    def remove(self, connection: Connection, scope: Scope) -> int:
        """Deletes the submissions that need not be kept, with all rows that cascade from them, and records the others
        as kept, inside the caller's transaction. Returns how many submissions were deleted. Raises JobRefused, or
        TransientError (a retry may help)."""
        for _ in range(_TRIES):
            try:
                with connection.transaction():  # a savepoint
                    return self._delete(connection, scope)
            except _Touched as touched:
                keep_rows(connection, self.job_id, touched.ids, touched.reason)
            except psycopg.errors.ForeignKeyViolation as error:
                if not self.note_referred(connection, scope):
                    raise JobRefused(
                        f"Rows of job {self.job_id} are used elsewhere ({error.diag.message_primary}); remove what"
                        " refers to them and roll the job back again."
                    ) from error
        raise TransientError(
            f"Rows of job {self.job_id} are touched again and again while it is rolled back; roll it back again."
        )

    def _delete(self, connection: Connection, scope: Scope) -> int:
        if self.by_sets:
            connection.execute(query("disable_key_triggers"))
        statement = fragment(
            "delete_untouched" if self.edited == "keep" else "delete_all_but_kept",
            job=self._job,
            unknown=self._is_unknown(scope),
            scope=scope.on("s.id"),
        )
        taken = connection.execute(statement).rowcount
        if self.by_sets:
            # From here on nobody can insert a reference to a deleted row: the deletion has locked it. The deletion has
            # waited for transactions that inserted one before, so these references are visible now.
            for reference in self._holders_of(SUBMISSIONS):
                self._check_held(connection, reference, scope)
            for reference in self._cascades_from(SUBMISSIONS):
                self._delete_cascaded(connection, reference, scope)
            connection.execute(query("enable_key_triggers"))
        connection.execute(fragment("keep_remaining", job=self._job, scope=scope.on("s.id")))
        return taken

    def _delete_cascaded(self, connection: Connection, cascade: Reference, scope: Scope) -> None:
        """Deletes the rows of a table that cascade from deleted submissions."""
        names = _names(cascade, scope)
        if cascade.child == _VERSIONS and self.edited == "keep":
            self._raise_touched(connection, fragment("select_edited", **names), "edited")
        holders = self._holders_of(cascade.child)
        for holder in holders:
            self._raise_touched(connection, fragment("select_held", **names, **_holder_names(holder)), "referred")
        below = self._cascades_from(cascade.child)
        if cascade.key is None or not (holders or below):
            connection.execute(fragment("delete_orphaned", **names))
            return
        # Versions that this program inserted have their submissions' ids, so only other versions' ids are needed.
        statement = fragment("delete_orphaned_with_keys", **names, key=sql.SQL(cascade.key))
        parents: dict[Any, UUID] = dict(connection.execute(statement).fetchall())
        scopes = [Scope(ids=tuple(parents))] if parents else []
        if cascade.child == _VERSIONS:
            scopes.append(scope)
        for each in scopes:
            for reference in holders:
                self._check_held(connection, reference, each, parents)
            for reference in below:
                self._delete_below(connection, reference, each)

    def _delete_below(self, connection: Connection, cascade: Reference, scope: Scope) -> None:
        """Deletes rows that cascade from cascaded rows, at any depth."""
        key = sql.SQL(f"r.{cascade.key}" if cascade.key else "NULL")
        statement = fragment("delete_orphaned_below", **_names(cascade, scope), key=key)
        keys = tuple(key for (key,) in connection.execute(statement).fetchall())
        for reference in self.references:
            if reference.parent != cascade.child or not keys or cascade.key is None:
                continue
            if reference.cascades:
                self._delete_below(connection, reference, Scope(ids=keys))
            elif connection.execute(_select_orphaned(reference, Scope(ids=keys))).fetchone():
                raise JobRefused(
                    f"Rows of {reference.child} hold rows of {cascade.child} that go with submissions of job"
                    f" {self.job_id}; remove them, and roll the job back again."
                )

    def _check_held(
        self, connection: Connection, reference: Reference, scope: Scope, parents: dict[Any, UUID] | None = None
    ) -> None:
        """Raises _Touched if rows of the reference have lost their parent. ``parents``: the submission of each parent,
        if the parents are not submissions themselves."""
        held = [key for (key,) in connection.execute(_select_orphaned(reference, scope)).fetchall()]
        if held:
            raise _Touched([(parents or {}).get(key, key) for key in held], "referred")

    def _raise_touched(self, connection: Connection, statement: sql.Composed, reason: str) -> None:
        if ids := [row[0] for row in connection.execute(statement).fetchall()]:
            raise _Touched(ids, reason)

    def _is_unknown(self, scope: Scope) -> sql.Literal:
        """Whether the transactions that wrote these rows are unknown."""
        return sql.Literal(scope.first is None or not self.xacts_known)

    def _note_source(self, connection: Connection, source: sql.Composable, column: str, scope: Scope) -> int:
        statement = fragment(
            "keep_referred", job=self._job, source=source, column=sql.SQL(column), scope=scope.on(column)
        )
        return connection.execute(statement).rowcount

    def _holders_of(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and not reference.cascades]

    def _cascades_from(self, parent: str) -> list[Reference]:
        return [reference for reference in self.references if reference.parent == parent and reference.cascades]


def _names(reference: Reference, scope: Scope) -> dict[str, sql.Composable]:
    """The parts of statements about the rows of a reference."""
    names = {name: sql.SQL(getattr(reference, name)) for name in ("child", "column", "parent", "parent_column")}
    return {**names, "scope": scope.on(f"r.{reference.column}")}


def _holder_names(holder: Reference) -> dict[str, sql.Composable]:
    """The parts of statements about a reference whose rows refer to those of another reference."""
    names = {"holder": holder.child, "holder_column": holder.column, "held_column": holder.parent_column}
    return {name: sql.SQL(text) for name, text in names.items()}


def _select_orphaned(reference: Reference, scope: Scope) -> sql.Composed:
    return fragment("select_orphaned", **_names(reference, scope))
