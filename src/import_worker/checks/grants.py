"""Finding the privileges that a role lacks, and writing the statements that grant them."""

from collections.abc import Sequence

from psycopg import sql

from import_worker.database.connection import Connection
from import_worker.database.queries import query

Wanted = tuple[int, str, str | None]
"""A table's oid, a privilege, and a column or None for the whole table."""


def current_role(connection: Connection) -> str:
    row = connection.execute(query("current_role")).fetchone()
    assert row is not None  # a SELECT without FROM
    return str(row[0])


def find_missing(connection: Connection, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those of the wanted privileges that the role lacks, in their order. The columns must exist."""
    oids, privileges, columns = (list(part) for part in zip(*wanted, strict=True)) if wanted else ([], [], [])
    rows = connection.execute(
        query("missing_privileges"), {"oids": oids, "privileges": privileges, "columns": columns}
    ).fetchall()
    return [wanted[place - 1] for (place,) in rows]


def statement(connection: Connection, composed: sql.Composable) -> str:
    """A statement as text, names quoted."""
    return composed.as_string(connection)
