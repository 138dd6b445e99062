"""Creating and upgrading the worker's schema; creating the host's tables where there is no host."""

import re
from importlib.resources import files

from import_worker.database.connection import Connection, transaction

_HOST_TABLE = re.compile(r"^-- table: (\w+)$", re.MULTILINE)
_MIGRATION_LOCK = 0x50157  # any constant; serialises two `init` that run at once


def migrate(connection: Connection) -> list[str]:
    """Applies the migrations that are missing, in order, all in one transaction; returns their names."""
    with transaction(connection):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION_LOCK])
        connection.execute("CREATE SCHEMA IF NOT EXISTS import_worker")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS import_worker.migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = connection.execute("SELECT name FROM import_worker.migrations").fetchall()
        applied = {name for (name,) in rows}
        missing = [name for name in available() if name not in applied]
        for name in missing:
            connection.execute(_text(f"migrations/{name}.sql"))
            connection.execute("INSERT INTO import_worker.migrations (name) VALUES (%s)", [name])
        return missing


def create_host_tables(connection: Connection) -> list[str]:
    """Creates the tables of contract section 4 that do not exist, and returns their names; leaves those that do alone,
    with or without the indexes that a new one gets."""
    types, *tables = _HOST_TABLE.split(_text("host_schema.sql").decode())
    made: list[str] = []
    with transaction(connection):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION_LOCK])
        for name, statements in zip(tables[::2], tables[1::2], strict=True):
            row = connection.execute("SELECT to_regclass(quote_ident(%s)) IS NOT NULL", [name]).fetchone()
            if row is None or row[0]:
                continue
            if not made:
                connection.execute(types.encode())
            connection.execute(statements.encode())
            made.append(name)
    return made


def available() -> list[str]:
    """Names of all migrations this program has, in order."""
    folder = files("import_worker.database") / "migrations"
    return sorted(path.name.removesuffix(".sql") for path in folder.iterdir() if path.name.endswith(".sql"))


def _text(name: str) -> bytes:
    return (files("import_worker.database") / name).read_bytes()
