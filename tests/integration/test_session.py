"""A connection that is opened anew after it broke, and is not when there is no point in it."""

import threading
import time
from collections.abc import Iterator

import pytest
import stamina
from psycopg import errors

from import_worker.database.connection import Connection
from import_worker.database.session import Session
from import_worker.errors import DatabaseUnavailable


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(database_url) as opened:
        yield opened


def backend(connection: Connection) -> int:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def test_work_is_done_over_one_connection_until_it_breaks(session: Session) -> None:
    assert session.run(backend) == session.run(backend)


def test_work_is_done_again_over_a_new_connection(session: Session) -> None:
    pids: list[int] = []

    def work(connection: Connection) -> int:
        pids.append(backend(connection))
        if len(pids) == 1:
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return pids[-1]

    assert session.run(work) == pids[1]
    assert len(pids) == 2
    assert pids[0] != pids[1]


def test_an_error_that_is_not_the_connection_s_is_raised_at_once(session: Session) -> None:
    tries = 0

    def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        connection.execute("SELECT 1/0")

    with pytest.raises(errors.DivisionByZero):
        session.run(work)
    assert tries == 1


def test_it_gives_up_when_it_is_told_to() -> None:
    asked = 0

    def give_up() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    nowhere = Session("postgresql://127.0.0.1:9/nowhere", give_up=give_up)
    with stamina.set_testing(True, attempts=10), pytest.raises(DatabaseUnavailable):
        nowhere.run(backend)
    assert asked == 3


def test_patience_has_an_end() -> None:
    nowhere = Session("postgresql://127.0.0.1:9/nowhere")
    with stamina.set_testing(True, attempts=4), pytest.raises(DatabaseUnavailable):
        nowhere.run(backend)


def test_another_thread_breaks_off_a_statement(database_url: str) -> None:
    leaving = threading.Event()
    sleeping = threading.Event()
    session = Session(database_url, give_up=leaving.is_set)

    def work(connection: Connection) -> None:
        connection.execute("SELECT 1")
        sleeping.set()
        connection.execute("SELECT pg_sleep(60)")

    def cancel() -> None:
        assert sleeping.wait(10)
        leaving.set()
        while sleeping.is_set():  # the statement may be a moment behind
            session.cancel()
            time.sleep(0.05)

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        with pytest.raises(DatabaseUnavailable, match="canceling statement"):
            session.run(work)
    finally:
        sleeping.clear()
        canceller.join()
    session.close()
