"""Checking how foreign keys are checked, and what would make it faster (docs/foreign-keys.md)."""

from collections.abc import Iterator

from psycopg import sql

from import_worker.checks.check import Check, info, ok, skipped
from import_worker.checks.grants import current_role, statement
from import_worker.checks.host_tables import find_host_tables
from import_worker.database.connection import Connection
from import_worker.database.queries import fragment
from import_worker.targets.submissions.foreign_keys import find_obstacle, list_foreign_keys

_NAME = "database: foreign keys"


def check_keys(connection: Connection) -> Iterator[Check]:
    """Both ways give the same rows, so neither is a failure; for the slower one, says what the faster one needs."""
    tables, _ = find_host_tables(connection)
    if not {"form_submissions", "form_submission_versions"} <= tables.keys():
        yield skipped(_NAME, "host tables are missing")
        return
    slower = _find_slower_way(connection, "checked", files=False)
    if slower is None and "submission_files" in tables:
        slower = _find_slower_way(connection, "of imports into file fields are checked", files=True)
    yield slower or ok(_NAME, "checked once a chunk, as far as privileges and triggers go (docs/foreign-keys.md)")


def _find_slower_way(connection: Connection, what: str, *, files: bool) -> Check | None:
    """Why the keys of the tables that are loaded, with or without files, are checked row by row; None if not."""
    role = sql.Identifier(current_role(connection))
    why = find_obstacle(connection, files=files)
    if why is not None:
        cure = None
        if why == "the role may not set session_replication_role":
            grant = fragment("grant_replication_role", role=role)
            cure = f"To import faster, as a superuser:\n{statement(connection, grant)}"
        return info(_NAME, f"{what} row by row, because of this: {why} (docs/foreign-keys.md)", cure)
    lines = []
    for foreign_key in list_foreign_keys(connection, files=files):
        if not foreign_key.may_lock:
            names = sql.SQL(", ").join(map(sql.Identifier, foreign_key.parent_columns))
            grant = fragment("grant_lock", columns=names, table=sql.SQL(foreign_key.parent), role=role)
            lines.append((foreign_key.name, statement(connection, grant)))
    if not lines:
        return None
    cures = "\n".join(dict.fromkeys(grant for _, grant in lines))
    key_names = ", ".join(name for name, _ in lines)
    return info(
        _NAME,
        f"{what} row by row, because the role may not lock the parents of {key_names} (docs/foreign-keys.md)",
        f"To import faster (nothing is updated; the privilege is for the lock):\n{cures}",
    )
