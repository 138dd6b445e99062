"""Checking that the role has every privilege that the worker uses, and writing the statements that grant the others."""

from collections.abc import Iterator

from psycopg import sql

from import_worker.checks.check import Check, failed, ok
from import_worker.checks.grants import Wanted, current_role, find_missing, statement
from import_worker.checks.host_tables import HostTable, find_host_tables
from import_worker.checks.requirements import NEEDS
from import_worker.database.connection import Connection
from import_worker.database.queries import fragment
from import_worker.targets.needs import Need

_NAME = "database: privileges"


def check_privileges(connection: Connection) -> Iterator[Check]:
    """One check for each privilege on a table that the role lacks; ``host_tables`` reports columns that do not
    exist."""
    tables, _ = find_host_tables(connection)
    role = current_role(connection)
    lacking = 0
    for need in NEEDS:
        table = tables.get(need.table)
        if table is None:
            continue
        wanted: list[Wanted] = [(table.oid, need.privilege, name) for name in need.columns if name in table.columns]
        if not need.columns:
            wanted = [(table.oid, need.privilege, None)]
        columns = [column for _, _, column in find_missing(connection, wanted)]
        if columns:
            lacking += 1
            yield _fail(connection, role, table, need, [name for name in columns if name is not None])
    if not lacking and tables:
        yield ok(_NAME, f"the role {role} has all that are needed on the host's tables")


def _fail(connection: Connection, role: str, table: HostTable, need: Need, columns: list[str]) -> Check:
    grant = fragment(
        "grant_on_columns" if columns else "grant_on_table",
        privilege=sql.SQL(need.privilege),  # a constant of requirements.py, or of a target
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        table=sql.SQL(table.qualified),  # quoted by PostgreSQL
        role=sql.Identifier(role),
    )
    of_columns = f" of {', '.join(columns)}" if columns else ""
    return failed(
        _NAME, f"the role {role} lacks {need.privilege}{of_columns} on {need.table}", statement(connection, grant)
    )
