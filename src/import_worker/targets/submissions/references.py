"""Which rows of other tables hang on a submission: the foreign keys that lead to it, as the catalogue has them."""

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

    ``goes``: its rows go with the parent (ON DELETE CASCADE); else they hold it. ``indexed``: whether an index finds
    the rows of a parent; ``rows`` is about how many the table has. ``key`` is the child's primary key, None where that
    is not one column.
    """

    child: str
    column: str
    parent: str
    parent_column: str
    goes: bool
    indexed: bool
    rows: int
    key: str | None
    may_read: bool
    may_delete: bool

    def lacking_privilege(self, *, by_sets: bool) -> str | None:
        """What is to be granted on the child so that a rollback can look after its rows; None when nothing lacks.
        ``by_sets``: whether foreign keys are looked after by sets."""
        if self.may_read and (self.may_delete or not self.goes or not by_sets):
            return None
        return "SELECT, DELETE" if self.goes else "SELECT"


def list_references(connection: Connection) -> list[Reference]:
    """Those that refer to submissions, and to whatever goes with one, in that order."""
    found: list[Reference] = []
    seen, waiting = {SUBMISSIONS}, deque([SUBMISSIONS])
    while waiting:
        with connection.cursor(row_factory=class_row(Reference)) as cursor:
            references = cursor.execute(query("references_to"), {"parent": waiting.popleft()}).fetchall()
        found += references
        for child in (reference.child for reference in references if reference.goes):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return found


def find_undo_obstacle(connection: Connection, references: Sequence[Reference]) -> str | None:
    """What keeps a rollback from looking after these foreign keys itself, by sets, instead of leaving it to PostgreSQL
    row by row; None when nothing does."""
    tables = [SUBMISSIONS, *dict.fromkeys(reference.child for reference in references if reference.goes)]
    row = connection.execute(query("keys_by_sets_obstacles"), {"tables": tables, "deleting": True}).fetchone()
    return None if row is None else str(row[0])
