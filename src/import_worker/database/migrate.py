"""Creates and upgrades the worker's schema; creates the host's tables if there is no host application."""

import re
from importlib.resources import files

from import_worker.database.connection import Connection, transaction
from import_worker.database.queries import query

_HOST_TABLE = re.compile(r"^-- table: (\w+)$", re.MULTILINE)


def migrate(connection: Connection) -> list[str]:
    """Applies the migrations that are missing, in order, all in one transaction; returns their names."""
    with transaction(connection):
        connection.execute(query("lock_schema"))
        connection.execute(query("create_schema"))
        connection.execute(query("create_migrations"))
        rows = connection.execute(query("applied_migrations")).fetchall()
        applied = {name for (name,) in rows}
        missing = [name for name in list_migrations() if name not in applied]
        for name in missing:
            connection.execute(_text(f"migrations/{name}.sql"))
            connection.execute(query("record_migration"), {"name": name})
        return missing


def create_host_tables(connection: Connection) -> list[str]:
    """Creates those tables of contract section 4 that do not exist, and returns their names. Existing tables are not
    changed, even if they lack indexes that a new one gets."""
    types, *tables = _HOST_TABLE.split(_text("host_schema.sql").decode())
    made: list[str] = []
    with transaction(connection):
        connection.execute(query("lock_schema"))
        for name, statements in zip(tables[::2], tables[1::2], strict=True):
            row = connection.execute(query("is_missing"), {"table": name}).fetchone()
            if row is None or not row[0]:
                continue
            if not made:
                connection.execute(types.encode())
            connection.execute(statements.encode())
            made.append(name)
    return made


def list_migrations() -> list[str]:
    """The names of all migrations that this program has, in order."""
    folder = files("import_worker.database") / "migrations"
    return sorted(path.name.removesuffix(".sql") for path in folder.iterdir() if path.name.endswith(".sql"))


def _text(name: str) -> bytes:
    return (files("import_worker.database") / name).read_bytes()
