"""Foreign keys checked once a chunk instead of six times a row, where that is the same guarantee.

All rows of a job refer to the same few parents. PostgreSQL's own check locks each parent ``FOR KEY SHARE`` and looks
whether it is there, for every row anew. Here the same lock is taken once, the same question asked once, and the rows
are then loaded with ``session_replication_role = replica``, which leaves the per-row triggers out. The lock lasts to
the end of the chunk's transaction, so no parent can go or change its key in between.

It is done only when nothing else can tell the difference: see the statement ``keys_by_sets_obstacles``. Otherwise,
and when a parent is missing, rows are loaded as always and PostgreSQL says what it has to say. docs/foreign-keys.md
explains it to a DBA.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import fragment, query
from import_worker.targets.submissions.files import FILE_COLUMNS
from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS, VERSION_COLUMNS


@dataclass(frozen=True)
class KeyCheck:
    """``once``: whether the keys of the rows loaded now are checked already; ``why`` not, else."""

    once: bool
    why: str | None = None


@dataclass(frozen=True)
class _ForeignKey:
    """One foreign key of one of the tables, column by column. ``filled``: whether a column has a default."""

    child: str
    name: str
    parent: str
    match_full: bool
    columns: list[str]
    types: list[str]
    filled: list[bool]
    parent_columns: list[str]
    may_lock: bool


def loaded_tables(*, files: bool) -> tuple[str, ...]:
    """The tables that a chunk loads; ``files``: of a job with file fields."""
    return ("form_submissions", "form_submission_versions") + (("submission_files",) if files else ())


@contextmanager
def keys_checked_once(connection: Connection, target: SubmissionKeys) -> Iterator[KeyCheck]:
    """Checks the keys of a job's rows for all that is loaded within, inside the caller's transaction, if it may.

    Costs a few short statements. Raises what PostgreSQL raises.
    """
    # First, so that nobody adds a trigger or a key to the tables behind our back.
    connection.execute(query("lock_target_tables"))
    if target.file_fields:
        connection.execute(query("lock_files_table"))
    why = _obstacle(connection, target)
    if why is not None:
        yield KeyCheck(once=False, why=why)
        return
    connection.execute(query("leave_key_triggers_out"))
    yield KeyCheck(once=True)
    connection.execute(query("run_key_triggers"))


def _obstacle(connection: Connection, target: SubmissionKeys) -> str | None:
    """Why the keys are to be checked row by row; None after all parents were found and locked."""
    tables = {"tables": list(loaded_tables(files=bool(target.file_fields)))}
    row = connection.execute(query("keys_by_sets_obstacles"), {**tables, "deleting": False}).fetchone()
    if row is not None:
        return str(row[0])
    with connection.cursor(row_factory=class_row(_ForeignKey)) as cursor:
        keys = cursor.execute(query("target_foreign_keys"), tables).fetchall()
    for key in keys:
        if key.child != "form_submissions" and key.columns == ["submission_id"]:
            continue  # versions are inserted from the submissions themselves, files beside them
        known = _known_values(key, target)
        if isinstance(known, str):
            return known
        if known and not _lock_parent(connection, key, known):
            return f"{key.name}: there is no such row in {key.parent}, or it is not to be seen"
    return None


def _known_values(key: _ForeignKey, target: SubmissionKeys) -> Mapping[str, str] | str:
    """The parent's columns with the values that all rows have, none where the key is null; or what is in the way."""
    constants, written = {
        "form_submissions": (target.keys, SUBMISSION_COLUMNS),
        "form_submission_versions": ({"changed_by": target.submitter_id}, VERSION_COLUMNS),
        "submission_files": ({"uploaded_by": target.submitter_id}, FILE_COLUMNS),
    }[key.child]
    values: dict[str, str] = {}
    nulls = 0
    for column, parent_column, filled in zip(key.columns, key.parent_columns, key.filled, strict=True):
        if column in constants:
            values[parent_column] = constants[column]
        elif column not in written and not filled:
            nulls += 1
        else:
            return f"{key.name}: {column} may differ from row to row"
    if nulls:
        return f"{key.name}: MATCH FULL" if key.match_full and values else {}
    return values if key.may_lock else f"{key.name}: the role may not lock rows of {key.parent}"


def _lock_parent(connection: Connection, key: _ForeignKey, values: Mapping[str, str]) -> bool:
    types = dict(zip(key.parent_columns, key.types, strict=True))
    conditions = sql.SQL(" AND ").join(
        fragment("column_is", column=sql.Identifier(column), value=sql.Literal(value), type=sql.SQL(types[column]))
        for column, value in values.items()
    )
    statement = fragment("lock_parent", parent=sql.SQL(key.parent), conditions=conditions)
    return connection.execute(statement).fetchone() is not None
