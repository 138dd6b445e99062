"""Checking that the host's tables are there, have the columns and types of contract section 4, and accept INSERTs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from import_worker.checks import requirements as needs
from import_worker.checks.check import Check, failed, ok, warning
from import_worker.checks.grants import current_role, statement
from import_worker.database.connection import Connection
from import_worker.database.queries import fragment, query
from import_worker.targets.needs import ColumnKind

_NAME = "database: host tables"
_MAKE = (
    "Let the host application make its tables; where there is none, run `import-worker init --standalone`."
    " import-worker itself never alters a host table."
)
_ACCEPTED: dict[ColumnKind, tuple[frozenset[str], str]] = {
    # kind: names of types, and categories of types (S: strings, E: enums, N: numbers)
    ColumnKind.UUID: (frozenset({"uuid"}), ""),
    ColumnKind.TEXT: (frozenset(), "SE"),
    ColumnKind.INT: (frozenset({"int4", "int8"}), ""),
    ColumnKind.JSONB: (frozenset({"jsonb"}), ""),
    ColumnKind.TIME: (frozenset({"timestamptz"}), ""),
    ColumnKind.BOOL: (frozenset({"bool"}), ""),
    ColumnKind.ID: (frozenset({"uuid"}), "S"),
    ColumnKind.ADDRESS: (frozenset({"inet"}), "S"),
}


@dataclass(frozen=True)
class HostTable:
    """A table of the host that the search path finds. ``columns``: rows of ``table_columns`` by name."""

    name: str
    oid: int
    qualified: str
    row_security: bool
    columns: dict[str, dict[str, Any]]


def find_host_tables(connection: Connection) -> tuple[dict[str, HostTable], list[dict[str, Any]]]:
    """The tables that are there, by name, and the rows of ``find_tables`` of those that are not."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query("find_tables"), {"names": list(needs.COLUMNS)}).fetchall()
        oids = [row["oid"] for row in found if row["oid"] is not None]
        columns = cursor.execute(query("table_columns"), {"oids": oids}).fetchall()
    tables = {
        row["name"]: HostTable(
            row["name"],
            row["oid"],
            row["qualified"],
            row["row_security"],
            {column["name"]: column for column in columns if column["oid"] == row["oid"]},
        )
        for row in found
        if row["oid"] is not None
    }
    return tables, [row for row in found if row["oid"] is None]


def check_host_tables(connection: Connection) -> Iterator[Check]:
    tables, absent = find_host_tables(connection)
    if not tables and not any(row["elsewhere"] for row in absent):
        yield failed(_NAME, f"none of the {len(absent)} tables of the host application is there", _MAKE)
        return
    troubles = [_check_absent_table(connection, row) for row in absent]
    for table in tables.values():
        troubles += _check_columns(table)
    yield from troubles
    for table in tables.values():
        if table.row_security:
            yield warning(
                _NAME,
                f"row-level security applies to this role on {table.name}; rows it hides are missing for the worker",
                f"Give the role BYPASSRLS, or policies on {table.qualified} that let it see and write every"
                " organisation's rows.",
            )
    if not troubles:
        yield ok(_NAME, f"all {len(tables)} are there, with their columns")


def _check_absent_table(connection: Connection, row: dict[str, Any]) -> Check:
    if not row["elsewhere"]:
        return failed(_NAME, f"there is no table {row['name']}", _MAKE)
    schema = row["elsewhere"][0]
    role = current_role(connection)
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    usage, path = fragment("grant_schema", **names), fragment("search_schema", **names)
    return failed(
        _NAME,
        f"the table {row['name']} is in the schema {schema}, which the role {role} may not use or does not search",
        f"{statement(connection, usage)}\n{statement(connection, path)}",
    )


def _check_columns(table: HostTable) -> Iterator[Check]:
    for name, kind in needs.COLUMNS[table.name].items():
        column = table.columns.get(name)
        if column is None:
            yield failed(_NAME, f"{table.name} has no column {name} ({kind})", _MAKE)
            continue
        bases, categories = _ACCEPTED[kind]
        if column["base"] not in bases and column["category"] not in categories:
            yield failed(
                _NAME,
                f"{table.name}.{name} is {column['type']}; it must be {kind}",
                "Have the host application change the column's type; import-worker never alters a host table.",
            )
    filled = needs.FILLED.get(table.name)
    for name, column in table.columns.items():
        if filled is not None and name not in filled and column["must_be_given"]:
            yield failed(
                _NAME,
                f"{table.name}.{name} is NOT NULL without a default, and the worker does not fill it",
                "Have the host application give the column a default; every row would be refused.",
            )
