"""Looking up values that must be in a column of a table of the host's: those of a chunk in one query."""

import threading
from collections.abc import Collection, Mapping

from psycopg import sql
from psycopg.rows import dict_row

from import_worker.database.connection import Connection
from import_worker.database.queries import fragment, query
from import_worker.errors import UsageError
from import_worker.forms.import_validation import Lookup
from import_worker.forms.unusable import invalid_form

MAX_KNOWN_VALUES = 100_000
"""How many values that were found one worker remembers for each lookup."""
MAX_KNOWN_CHARACTERS = 200
"""Longer values are looked up each time, so that the remembered ones take less than some tens of megabytes."""


def check_lookups(connection: Connection, lookups: Mapping[str, Lookup]) -> None:
    """Checks that the database has each lookup's table and column (lookups by field key), inside the caller's
    transaction.

    Raises JobFailed ``invalid_form_definition`` for a table or column that is not there (no retry helps), or UsageError
    with the grant that the role lacks.
    """
    for key, lookup in lookups.items():
        name = lookup.table.name_in_database
        with connection.cursor(row_factory=dict_row) as cursor:
            facts = cursor.execute(query("lookup_column"), {"table": name, "column": lookup.column}).fetchone()
        assert facts is not None  # a SELECT from one row
        if not facts["table_there"]:
            raise invalid_form(f"field {key!r} is looked up in {lookup.table}, and the database has no table {name}")
        if not facts["column_there"]:
            raise invalid_form(f"field {key!r} is looked up in {lookup.table}, which have no column {lookup.column!r}")
        if not facts["may_read"]:
            grant = fragment(
                "grant_lookup",
                column=sql.Identifier(lookup.column),
                table=sql.Identifier(facts["schema"], name),
                role=sql.Identifier(facts["role"]),
            )
            raise UsageError(
                f"The database role {facts['role']} may not read the column in which the field {key!r} is looked up;"
                f" run `{grant.as_string(connection)}` and run the job again."
            )


class Lookups:
    """Finds which values the tables have. Safe to share between threads; each brings its own connection."""

    def __init__(self, lookups: Mapping[str, Lookup]) -> None:
        """``lookups``: by field key."""
        self._lookups = lookups
        self._known: dict[Lookup, set[str]] = {lookup: set() for lookup in lookups.values()}
        self._lock = threading.Lock()

    def find(self, connection: Connection, values: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
        """Those of the values, by field key, that the tables have. Runs one query for each field with values that were
        not found before, inside the caller's transaction."""
        return {key: self._find(connection, self._lookups[key], set(wanted)) for key, wanted in values.items()}

    def _find(self, connection: Connection, lookup: Lookup, wanted: set[str]) -> set[str]:
        with self._lock:
            known = wanted & self._known[lookup]
        asked = wanted - known
        if not asked:
            return known
        statement = fragment(
            "find_values", column=sql.Identifier(lookup.column), table=sql.Identifier(lookup.table.name_in_database)
        )
        found = {text for (text,) in connection.execute(statement, {"values": list(asked)})}
        with self._lock:
            remembered = self._known[lookup]
            short = (text for text in found if len(text) <= MAX_KNOWN_CHARACTERS)
            remembered.update(text for text, _ in zip(short, range(MAX_KNOWN_VALUES - len(remembered)), strict=False))
        return known | found
