"""The foreign keys that lead to submissions, directly or through cascades, read from the catalogue."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query

SUBMISSIONS = "form_submissions"


@dataclass(frozen=True)
class Reference:
    """A foreign key of one column. Names are quoted, and qualified where the search path does not find them.

    ``cascades``: its rows are deleted with the parent (ON DELETE CASCADE); otherwise they prevent deleting it.
    ``indexed``: whether an index finds the rows of a parent. ``rows`` is the approximate number of the table's rows.
    ``key`` is the child's primary key, None unless that is a single column.
    """

    child: str
    column: str
    parent: str
    parent_column: str
    cascades: bool
    indexed: bool
    rows: int
    key: str | None
    may_read: bool
    may_delete: bool

    def lacking_privilege(self, *, by_sets: bool) -> str | None:
        """The privileges on the child that a rollback lacks; None if it lacks none. ``by_sets``: whether the rollback
        itself checks and cascades foreign keys by sets, instead of PostgreSQL row by row."""
        if self.may_read and (self.may_delete or not self.cascades or not by_sets):
            return None
        return "SELECT, DELETE" if self.cascades else "SELECT"


def list_references(connection: Connection) -> list[Reference]:
    """The foreign keys that refer to submissions, then those that refer to tables whose rows cascade, and so on."""
    found: list[Reference] = []
    seen, waiting = {SUBMISSIONS}, deque([SUBMISSIONS])
    while waiting:
        with connection.cursor(row_factory=class_row(Reference)) as cursor:
            references = cursor.execute(query("references_to"), {"parent": waiting.popleft()}).fetchall()
        found += references
        for child in (reference.child for reference in references if reference.cascades):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return found


def find_undo_obstacle(connection: Connection, references: Sequence[Reference]) -> str | None:
    """What prevents a rollback from checking and cascading these foreign keys itself, by sets, instead of PostgreSQL
    row by row; None if nothing does."""
    tables = [SUBMISSIONS, *dict.fromkeys(reference.child for reference in references if reference.cascades)]
    row = connection.execute(query("keys_by_sets_obstacles"), {"tables": tables, "deleting": True}).fetchone()
    return None if row is None else str(row[0])
