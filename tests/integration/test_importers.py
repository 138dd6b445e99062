"""The threads of a worker: they end when nothing is left, when one fails, and when it is time to stop."""

import threading
import time
from collections.abc import Callable

import pytest

from import_worker.database.connection import Connection
from import_worker.errors import JobFailed
from import_worker.importing.importers import ImporterThreads
from import_worker.importing.pipeline import ChunkOutcome
from import_worker.importing.stopping import Stopping

ImportNext = Callable[[Connection], ChunkOutcome]


def run_to_end(url: str, import_next: ImportNext, count: int, stopping: Stopping | None = None) -> None:
    with ImporterThreads(url, import_next, count, stopping or Stopping(threading.Event())) as threads:
        while not threads.wait(0.2):
            pass


def test_every_thread_has_a_connection_of_its_own_until_all_is_done(database_url: str) -> None:
    together, seen, lock = threading.Barrier(3), set[int](), threading.Lock()

    def import_next(connection: Connection) -> ChunkOutcome:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        with lock:
            seen.add(row[0])
        together.wait(10)
        return ChunkOutcome.ALL_DONE

    run_to_end(database_url, import_next, 3)
    assert len(seen) == 3


def test_a_thread_looks_again_while_others_hold_what_is_left(database_url: str) -> None:
    steps = iter([ChunkOutcome.NONE_FREE, ChunkOutcome.IMPORTED, ChunkOutcome.NONE_FREE, ChunkOutcome.NOT_NOW])
    run_to_end(database_url, lambda _: next(steps), 1)
    assert list(steps) == []


def test_a_thread_that_found_nothing_free_ends_with_the_last_chunk(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("import_worker.importing.importers.POLL_SECONDS", 60)
    idle, done = threading.Event(), threading.Event()

    def import_next(_: Connection) -> ChunkOutcome:
        if threading.current_thread().name == "importer-1":
            assert idle.wait(10)
            time.sleep(0.1)  # the other one has begun to wait
            done.set()
            return ChunkOutcome.ALL_DONE
        idle.set()
        return ChunkOutcome.ALL_DONE if done.is_set() else ChunkOutcome.NONE_FREE

    started = time.monotonic()
    run_to_end(database_url, import_next, 2)
    assert time.monotonic() - started < 30


def test_a_failure_stops_the_others_and_is_raised(database_url: str) -> None:
    other_works = threading.Event()

    def import_next(connection: Connection) -> ChunkOutcome:
        if threading.current_thread().name == "importer-1":
            assert other_works.wait(10)
            raise JobFailed("reason", "the sentence")
        other_works.set()
        return ChunkOutcome.IMPORTED

    began = time.monotonic()
    with (
        ImporterThreads(database_url, import_next, 2, Stopping(threading.Event())) as threads,
        pytest.raises(JobFailed, match="the sentence"),
    ):
        threads.wait(60)
    assert time.monotonic() - began < 30, "the others went on until the waiting was over"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("importer-")]


def test_a_chunk_in_flight_is_finished_when_it_is_time_to_stop(database_url: str) -> None:
    stop, finished = threading.Event(), []

    def import_next(connection: Connection) -> ChunkOutcome:
        stop.set()
        time.sleep(0.3)
        finished.append(connection.execute("SELECT 1").fetchone())
        return ChunkOutcome.IMPORTED

    run_to_end(database_url, import_next, 1, Stopping(stop))
    assert finished == [(1,)]


def test_a_chunk_that_takes_too_long_is_rolled_back(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("import_worker.importing.importers.GRACE_SECONDS", 0.3)
    stop, began = threading.Event(), threading.Event()

    def import_next(connection: Connection) -> ChunkOutcome:
        with connection.transaction():
            connection.execute("CREATE TABLE left_over ()")
            began.set()
            connection.execute("SELECT pg_sleep(60)")
        return ChunkOutcome.IMPORTED

    with ImporterThreads(database_url, import_next, 1, Stopping(stop)) as threads:
        assert began.wait(10)
        stop.set()
        assert threads.wait(5)
    with ImporterThreads(database_url, _no_table, 1, Stopping(threading.Event())) as threads:
        while not threads.wait(0.2):
            pass


def _no_table(connection: Connection) -> ChunkOutcome:
    assert connection.execute("SELECT to_regclass('left_over')").fetchone() == (None,)
    return ChunkOutcome.ALL_DONE
