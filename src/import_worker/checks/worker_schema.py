"""The worker's own schema: there, of this version, and usable by this role."""

from collections.abc import Iterator

from psycopg import sql
from psycopg.rows import dict_row

from import_worker.checks.check import Check, failed, ok
from import_worker.checks.grants import current_role, missing, statement
from import_worker.checks.requirements import OWN_PRIVILEGES
from import_worker.database.connection import Connection
from import_worker.database.migrate import available
from import_worker.database.queries import query

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
            f"{_text(connection, 'GRANT USAGE ON SCHEMA import_worker TO {};', role)}\n{_all_tables(connection, role)}",
        )
        return
    tables = connection.execute(query("own_tables")).fetchall()
    wanted = [(oid, privilege, None) for oid, _ in tables for privilege in OWN_PRIVILEGES]
    names: dict[int, str] = dict(tables)
    lacking = [f"{privilege} on {names[oid]}" for oid, privilege, _ in missing(connection, wanted)]
    if lacking:
        yield failed(_NAME, f"the role {role} lacks {', '.join(lacking)}", _all_tables(connection, role))
    if not facts["may_read"]:
        return
    applied = [name for (name,) in connection.execute(query("applied_migrations")).fetchall()]
    if absent := [name for name in available() if name not in applied]:
        yield failed(_NAME, f"it is of an older version: {', '.join(absent)} not applied", init)
    elif unknown := [name for name in applied if name not in available()]:
        yield failed(
            _NAME,
            f"it is of a newer version: {', '.join(unknown)} not known to this program",
            "Use a newer version of import-worker (a schema is never taken back; `import-worker init` of the newer"
            " version made it).",
        )
    elif not lacking:
        yield ok(_NAME, f"up to date ({len(applied)} migrations)")


def _all_tables(connection: Connection, role: str) -> str:
    return statement(
        connection,
        sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA import_worker TO {};").format(
            sql.SQL(", ".join(OWN_PRIVILEGES)), sql.Identifier(role)
        ),
    )


def _text(connection: Connection, template: str, role: str) -> str:
    return statement(connection, sql.SQL(template).format(sql.Identifier(role)))
