"""Checks foreign keys once a chunk instead of six times a row, if that gives the same guarantee.

All rows of a job refer to the same few parents. For every row PostgreSQL's own check locks each parent ``FOR KEY
SHARE`` and verifies that it exists. Here each parent is locked and checked once, and the rows are then loaded with
``session_replication_role = replica``, which disables the per-row triggers. The lock lasts until the chunk's
transaction ends, so no parent can be deleted or change its key in between.

This is done only if it disables nothing else (see the statement ``keys_by_sets_obstacles``). Otherwise, and if a parent
is missing, rows are loaded as usual and PostgreSQL checks them row by row. docs/foreign-keys.md explains it to a DBA.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    """``once``: whether the keys of the rows to be loaded are checked already; if not, ``why`` says the reason."""

    once: bool
    why: str | None = None


@dataclass(frozen=True)
class ForeignKey:
    """One foreign key of one of the loaded tables, column by column. ``filled``: whether each column has a default.
    ``may_lock``: whether the role may lock rows of the parent."""

    child: str
    name: str
    parent: str
    match_full: bool
    columns: list[str]
    types: list[str]
    filled: list[bool]
    parent_columns: list[str]
    may_lock: bool

    @property
    def leads_to_submission(self) -> bool:
        """Whether it is the key of a version or a file to its submission, which is inserted in the same transaction."""
        return self.child != "form_submissions" and self.columns == ["submission_id"]


def find_obstacle(connection: Connection, *, files: bool) -> str | None:
    """The first property of the role, the session or the tables that prevents checking foreign keys once a chunk; None
    if nothing does. ``files``: whether the job has file fields."""
    values = {**_loaded_tables(files=files), "deleting": False}
    row = connection.execute(query("keys_by_sets_obstacles"), values).fetchone()
    return None if row is None else str(row[0])


def list_foreign_keys(connection: Connection, *, files: bool) -> Sequence[ForeignKey]:
    """The foreign keys that PostgreSQL would check for each row, except those that lead to the row's own submission."""
    with connection.cursor(row_factory=class_row(ForeignKey)) as cursor:
        found = cursor.execute(query("target_foreign_keys"), _loaded_tables(files=files)).fetchall()
    return [foreign_key for foreign_key in found if not foreign_key.leads_to_submission]


@contextmanager
def check_keys_once(connection: Connection, keys: SubmissionKeys) -> Iterator[KeyCheck]:
    """Checks the foreign keys of all rows that are loaded within the context, if possible, inside the caller's
    transaction.

    Costs a few short statements. Raises what PostgreSQL raises.
    """
    # The tables are locked first, so that nobody can add a trigger or a key after they were examined.
    connection.execute(query("lock_target_tables"))
    if keys.file_fields:
        connection.execute(query("lock_files_table"))
    why = _lock_parents(connection, keys)
    if why is not None:
        yield KeyCheck(once=False, why=why)
        return
    connection.execute(query("disable_key_triggers"))
    yield KeyCheck(once=True)
    connection.execute(query("enable_key_triggers"))


def _loaded_tables(*, files: bool) -> dict[str, list[str]]:
    """The tables that a chunk loads, as a parameter of the statements."""
    return {"tables": ["form_submissions", "form_submission_versions", *(["submission_files"] if files else [])]}


def _lock_parents(connection: Connection, keys: SubmissionKeys) -> str | None:
    """Finds and locks all parents and returns None; or returns why the keys must be checked row by row."""
    files = bool(keys.file_fields)
    why = find_obstacle(connection, files=files)
    if why is not None:
        return why
    for foreign_key in list_foreign_keys(connection, files=files):
        known = _known_values(foreign_key, keys)
        if isinstance(known, str):
            return known
        if known and not _lock_parent(connection, foreign_key, known):
            return f"{foreign_key.name}: there is no such row in {foreign_key.parent}, or it is not to be seen"
    return None


def _known_values(foreign_key: ForeignKey, keys: SubmissionKeys) -> Mapping[str, str] | str:
    """The parent's columns with the values that all rows have, empty if the key is null; or, as a text, why these are
    not known."""
    constants, written = {
        "form_submissions": (keys.parents, SUBMISSION_COLUMNS),
        "form_submission_versions": ({"changed_by": keys.submitter_id}, VERSION_COLUMNS),
        "submission_files": ({"uploaded_by": keys.submitter_id}, FILE_COLUMNS),
    }[foreign_key.child]
    name = foreign_key.name
    values: dict[str, str] = {}
    nulls = 0
    columns = zip(foreign_key.columns, foreign_key.parent_columns, foreign_key.filled, strict=True)
    for column, parent_column, filled in columns:
        if column in constants:
            values[parent_column] = constants[column]
        elif column not in written and not filled:
            nulls += 1
        else:
            return f"{name}: {column} may differ from row to row"
    if nulls:
        return f"{name}: MATCH FULL" if foreign_key.match_full and values else {}
    return values if foreign_key.may_lock else f"{name}: the role may not lock rows of {foreign_key.parent}"


def _lock_parent(connection: Connection, foreign_key: ForeignKey, values: Mapping[str, str]) -> bool:
    types = dict(zip(foreign_key.parent_columns, foreign_key.types, strict=True))
    conditions = sql.SQL(" AND ").join(
        fragment("column_is", column=sql.Identifier(column), value=sql.Literal(value), type=sql.SQL(types[column]))
        for column, value in values.items()
    )
    statement = fragment("lock_parent", parent=sql.SQL(foreign_key.parent), conditions=conditions)
    return connection.execute(statement).fetchone() is not None
