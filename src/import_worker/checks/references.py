"""Checking foreign keys that refer to submissions: whether a rollback finds their rows quickly, and may use them."""

from collections.abc import Iterator

from psycopg import sql

from import_worker.checks.check import Check, failed, info, ok, skipped
from import_worker.checks.grants import current_role, statement
from import_worker.checks.host_tables import find_host_tables
from import_worker.database.connection import Connection
from import_worker.database.queries import fragment
from import_worker.targets.submissions.references import SUBMISSIONS, Reference, find_undo_obstacle, list_references

_NAME = "database: rollback"


def check_references(connection: Connection) -> Iterator[Check]:
    """A missing index, which the host would have to make, slows a rollback down; a missing privilege stops it."""
    tables, _ = find_host_tables(connection)
    if SUBMISSIONS not in tables:
        yield skipped(_NAME, "host tables are missing")
        return
    references = list_references(connection)
    by_sets = find_undo_obstacle(connection, references) is None
    lacking = [
        (reference, privilege)
        for reference in references
        if reference.child not in tables  # ``privileges`` checks the tables among them by column
        and (privilege := reference.lacking_privilege(by_sets=by_sets)) is not None
    ]
    for reference, privilege in lacking:
        yield _fail(connection, reference, privilege)
    slow = [reference for reference in references if not reference.indexed]
    if slow:
        names = ", ".join(f"{reference.child}.{reference.column}" for reference in slow)
        cost = "a look through the table for each 250,000 rows" if by_sets else "a look through the table for each row"
        lines = "\n".join(statement(connection, _make_index(each)) for each in slow)
        yield info(
            _NAME,
            f"{names} refer to submissions without an index; a rollback costs {cost}",
            f"If you roll back beside large tables, have the host application make these:\n{lines}",
        )
    elif not lacking:
        yield ok(_NAME, f"{len(references)} foreign keys lead to submissions, each with an index")


def _make_index(reference: Reference) -> sql.Composed:
    return fragment("create_index", table=sql.SQL(reference.child), column=sql.SQL(reference.column))


def _fail(connection: Connection, reference: Reference, privilege: str) -> Check:
    grant = fragment(
        "grant_on_table",
        privilege=sql.SQL(privilege),
        table=sql.SQL(reference.child),
        role=sql.Identifier(current_role(connection)),
    )
    return failed(
        _NAME,
        f"rows of {reference.child} hang on submissions, and the role may not look after them",
        statement(connection, grant),
    )
