"""Builds the host's tables as its own migrations make them, from its catalogue (``host_tables.json``), by code that
shares nothing with the product's ``host_schema.sql``; and reads the catalogue of a database, to compare the two."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

CATALOGUE: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
TABLES: dict[str, Any] = CATALOGUE["tables"]
STANDALONE = tuple(TABLES)[:17]
"""The tables that `init --standalone` makes; the others only refer to submissions."""

_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       pg_get_expr(d.adbin, d.adrelid) AS default
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
_CONSTRAINTS = """
SELECT contype::text AS kind, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f', 'c', 'x')
"""
_INDEXES = "SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = %s::regclass"


def build_host_tables(connection: psycopg.Connection) -> None:
    """Makes all of them in an empty database. A parent that the catalogue does not have is a table of ids."""
    for name, labels in CATALOGUE["enums"].items():
        _run(connection, f"CREATE TYPE {name} AS ENUM ({', '.join(repr(label) for label in labels)})")
    for name, table in TABLES.items():
        columns = ", ".join(_column(column) for column in table["columns"])
        _run(connection, f'CREATE TABLE "{name}" ({columns})')
    for wanted in ("pu", "f"):
        for name, table in TABLES.items():
            for constraint in table["constraints"]:
                if constraint["kind"] in wanted:
                    _make_parent(connection, constraint["definition"])
                    _run(connection, f'ALTER TABLE "{name}" ADD {constraint["definition"]}')
    for name, table in TABLES.items():
        there = {_plain(row["definition"]) for row in _query(connection, _INDEXES, name)}
        for index in table["indexes"]:
            if _plain(index) not in there:
                unique = "UNIQUE " if index.startswith("unique") else ""
                _run(connection, f"CREATE {unique}INDEX {index.removeprefix('unique ')}")


def describe(connection: psycopg.Connection, table: str) -> dict[str, Any]:
    """A table as the catalogue has it: ``columns`` in order, ``constraints`` and ``indexes`` sorted."""
    constraints = _query(connection, _CONSTRAINTS, table)
    return {
        "columns": _query(connection, _COLUMNS, table),
        "constraints": sorted(constraints, key=lambda row: (row["kind"], row["definition"])),
        "indexes": sorted(_plain(row["definition"]) for row in _query(connection, _INDEXES, table)),
    }


def expected(table: str) -> dict[str, Any]:
    """What ``describe`` gives for a table that is as the host has it."""
    known = TABLES[table]
    return {
        "columns": known["columns"],
        "constraints": sorted(known["constraints"], key=lambda row: (row["kind"], row["definition"])),
        "indexes": sorted(map(_plain, known["indexes"])),
    }


def _column(column: dict[str, Any]) -> str:
    not_null = " NOT NULL" if column["not_null"] else ""
    default = f" DEFAULT {column['default']}" if column["default"] is not None else ""
    return f'"{column["name"]}" {column["type"]}{not_null}{default}'


def _make_parent(connection: psycopg.Connection, definition: str) -> None:
    parent = re.search(r"REFERENCES (\w+)\(id\)", definition)
    if parent is not None and parent[1] not in TABLES:
        _run(connection, f"CREATE TABLE IF NOT EXISTS {parent[1]} (id uuid PRIMARY KEY)")


def _plain(index: str) -> str:
    """An index's definition without its name and schema."""
    unique = "unique " if index.lower().startswith(("unique", "create unique")) else ""
    return unique + re.sub(r"^.*?\bon (?:public\.)?", "on ", index, flags=re.IGNORECASE)


def _run(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement.encode())


def _query(connection: psycopg.Connection, statement: str, table: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode(), [f'"{table}"']).fetchall()
