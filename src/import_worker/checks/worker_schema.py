"""Checking that the worker's own schema is there, is of this version, and may be used by this role."""

from collections.abc import Iterator

from psycopg import sql
from psycopg.rows import dict_row

from import_worker.checks.check import Check, failed, ok
from import_worker.checks.grants import current_role, find_missing, statement
from import_worker.checks.requirements import WORKER_SCHEMA_PRIVILEGES
from import_worker.database.connection import Connection
from import_worker.database.migrate import list_migrations
from import_worker.database.queries import fragment, query

_NAME = "database: worker's schema"
_INIT = "Run `import-worker init`, as a role that may create a schema in this database."


def check_worker_schema(connection: Connection) -> Iterator[Check]:
    with connection.cursor(row_factory=dict_row) as cursor:
        facts = cursor.execute(query("worker_schema")).fetchone()
    assert facts is not None  # a SELECT from one row
    role = current_role(connection)
    init = _INIT
    if facts["there"] and not facts["owned"]:
        init = f"Run `import-worker init` as the role {facts['owner']}, who owns the schema."
    if not facts["there"] or not facts["migrated"]:
        yield failed(_NAME, "there is no schema import_worker, or it is empty", init)
        return
    if not facts["may_use"]:
        yield failed(
            _NAME,
            f"the role {role} may not use the schema import_worker",
            _write_grants(connection, role, schema=True),
        )
        return
    tables = connection.execute(query("worker_tables")).fetchall()
    wanted = [(oid, privilege, None) for oid, _ in tables for privilege in WORKER_SCHEMA_PRIVILEGES]
    names: dict[int, str] = dict(tables)
    lacking = [f"{privilege} on {names[oid]}" for oid, privilege, _ in find_missing(connection, wanted)]
    if lacking:
        yield failed(
            _NAME, f"the role {role} lacks {', '.join(lacking)}", _write_grants(connection, role, schema=False)
        )
    if not facts["may_read"]:
        return
    applied = [name for (name,) in connection.execute(query("applied_migrations")).fetchall()]
    if absent := [name for name in list_migrations() if name not in applied]:
        yield failed(_NAME, f"it is of an older version: {', '.join(absent)} not applied", init)
    elif unknown := [name for name in applied if name not in list_migrations()]:
        yield failed(
            _NAME,
            f"it is of a newer version: {', '.join(unknown)} not known to this program",
            "Use a newer version of import-worker (a schema is never taken back; `import-worker init` of the newer"
            " version made it).",
        )
    elif not lacking:
        yield ok(_NAME, f"up to date ({len(applied)} migrations)")


def _write_grants(connection: Connection, role: str, *, schema: bool) -> str:
    """Writes the statements that let the role use the tables; ``schema``: and the schema itself."""
    privileges = sql.SQL(", ").join(map(sql.SQL, WORKER_SCHEMA_PRIVILEGES))
    grants = [fragment("grant_on_worker_schema", privileges=privileges, role=sql.Identifier(role))]
    if schema:
        usage = fragment("grant_schema", schema=sql.SQL("import_worker"), role=sql.Identifier(role))
        grants.insert(0, usage)
    return "\n".join(statement(connection, grant) for grant in grants)
