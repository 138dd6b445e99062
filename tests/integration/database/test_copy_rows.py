"""COPY's binary format as PostgreSQL itself takes and gives it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
import psycopg
import pytest

from import_worker.database.connection import Connection, connect, transaction
from import_worker.database.copy_rows import RowTemplate, constant_row, write_rows

TABLE = (
    "CREATE TABLE things (id uuid PRIMARY KEY, document {document}, word varchar(5), mood mood, number {number},"
    " precise numeric(8,2), moment timestamptz, list jsonb, nothing text)"
)
COLUMNS = ("id", "document", "word", "mood", "number", "precise", "moment", "list", "nothing")
VALUES: dict[str, Any] = {
    "nothing": None,
    "word": "Ünal",
    "mood": "glad",
    "number": 100,
    "precise": "12.50",
    "moment": "2026-11-23T12:00:00.123456+00:00",
    "list": [],
}
DOCUMENTS = ['{"a": 1.10}', "{}", '{"name": "Ünal \\"Ada\\"\\n"}', '{"long": "' + "x" * 3_000_000 + '"}']


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('sad', 'glad')")
        yield connection


def _ids(count: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.frombuffer(b"".join(UUID(int=n).bytes for n in range(1, count + 1)), np.uint8).reshape(-1, 16)


def _make(connection: Connection, document: str, number: str) -> RowTemplate:
    connection.execute(TABLE.format(document=document, number=number).encode())
    return RowTemplate.fetch(connection, "things", COLUMNS, VALUES)


@pytest.mark.parametrize("document", ["jsonb", "json", "text"])
@pytest.mark.parametrize("number", ["smallint", "int", "bigint", "numeric", "double precision"])
def test_rows_are_what_the_columns_own_types_make_of_them(connection: Connection, document: str, number: str) -> None:
    template = _make(connection, document, number)
    with transaction(connection):
        assert write_rows(connection, "things", COLUMNS, template.rows(_ids(4), pl.Series(DOCUMENTS))) == 4
    rows = connection.execute(
        "SELECT id, document::text, word, mood::text, number::int, precise::text,"
        " moment = '2026-11-23 12:00:00.123456Z', list::text, nothing FROM things ORDER BY id"
    ).fetchall()
    assert [row[0] for row in rows] == [UUID(int=number) for number in range(1, 5)]
    assert [json.loads(row[1]) for row in rows] == [json.loads(text) for text in DOCUMENTS]
    assert {row[2:] for row in rows} == {("Ünal", "glad", 100, "12.50", True, "[]", None)}
    assert "1.10" in rows[0][1]  # digits stay


def test_several_parts_are_one_copy(connection: Connection) -> None:
    template = _make(connection, "jsonb", "int")
    ids = _ids(4)
    parts = [template.rows(ids[:2], pl.Series(["{}", "{}"])), template.rows(ids[2:], pl.Series(["{}", "{}"]))]
    with transaction(connection):
        assert write_rows(connection, "things", COLUMNS, *parts) == 4
        assert write_rows(connection, "things", COLUMNS) == 0


def test_rows_that_a_trigger_drops_are_not_counted(connection: Connection) -> None:
    template = _make(connection, "jsonb", "int")
    connection.execute(
        "CREATE FUNCTION drop_second() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id::text LIKE '%2' THEN RETURN NULL; END IF; RETURN NEW; END $$"
    )
    connection.execute("CREATE TRIGGER drop_second BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION drop_second()")
    with transaction(connection):
        assert write_rows(connection, "things", COLUMNS, template.rows(_ids(3), pl.Series(["{}"] * 3))) == 2


def test_a_refused_row_ends_the_copy_and_the_connection_goes_on(connection: Connection) -> None:
    template = _make(connection, "jsonb", "int")
    ids = _ids(2)[[0, 1, 0]]
    with pytest.raises(psycopg.errors.UniqueViolation), transaction(connection):
        write_rows(connection, "things", COLUMNS, template.rows(ids, pl.Series(["{}"] * 3)))
    assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)


@pytest.mark.parametrize("values", [{**VALUES, "mood": "neither"}, {**VALUES, "word": "too long a word"}])
def test_a_value_that_the_table_does_not_take_is_refused_at_once(
    connection: Connection, values: dict[str, Any]
) -> None:
    connection.execute(TABLE.format(document="jsonb", number="int").encode())
    with pytest.raises(psycopg.DataError):
        RowTemplate.fetch(connection, "things", COLUMNS, values)


def test_a_constant_row_comes_in_the_order_asked_for(connection: Connection) -> None:
    connection.execute(TABLE.format(document="jsonb", number="int").encode())
    values = {"number": 258, "nothing": None, "word": "Ada"}
    assert constant_row(connection, "things", ("word", "nothing", "number"), values) == [
        b"Ada",
        None,
        b"\x00\x00\x01\x02",
    ]
