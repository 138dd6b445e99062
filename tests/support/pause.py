"""Pauses a worker at a chosen point inside PostgreSQL, without a hook in the product.

A trigger waits for an advisory lock that the test holds. The worker is then exactly there: in the middle of a COPY,
before its checkpoint, or inside COMMIT (a deferred constraint trigger), and can be killed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_KEY = 7_001


@contextmanager
def paused(
    database_url: str, table: str, event: str, *, when: str = "true", in_commit: bool = False
) -> Iterator["Pause"]:
    """Stops every transaction that does ``event`` (``INSERT``, ``UPDATE``) to a row of ``table`` for which ``when``
    holds.

    The trigger fires after the statement, or at COMMIT with ``in_commit``. Leaving the context releases them.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_KEY])
        connection.execute(
            f"CREATE FUNCTION public.pause() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_advisory_xact_lock_shared({_KEY}); RETURN NULL; END $$".encode()
        )
        kind = "CONSTRAINT TRIGGER" if in_commit else "TRIGGER"
        deferred = "DEFERRABLE INITIALLY DEFERRED" if in_commit else ""
        connection.execute(
            f"CREATE {kind} pause AFTER {event} ON {table} {deferred} FOR EACH ROW WHEN ({when})"
            f" EXECUTE FUNCTION public.pause()".encode()
        )
        # Also while session_replication_role is replica, which on the worker's own tables is no obstacle to it.
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER pause".encode())
        try:
            yield Pause(connection)
        finally:
            Pause(connection).release()
            connection.execute("DROP FUNCTION public.pause() CASCADE")


class Pause:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def wait_until_reached(self, seconds: float = 60) -> None:
        """Returns when some transaction waits at the point."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.waiting():
                return
            time.sleep(0.02)
        raise AssertionError("the worker did not reach the point")

    def waiting(self) -> int:
        """How many transactions wait at the point now."""
        row = self._connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_KEY],
        ).fetchone()
        return row[0] if row else 0

    def wait_for_request(self, seconds: float = 60) -> None:
        """Returns when somebody has asked for a job to be cancelled or rolled back."""
        deadline = time.monotonic() + seconds
        while not self._connection.execute("SELECT 1 FROM import_worker.requests").fetchone():
            assert time.monotonic() < deadline, "nobody asked"
            time.sleep(0.02)

    def release(self) -> None:
        """Releases all waiting transactions, and pauses no further ones."""
        self._connection.execute("SELECT pg_advisory_unlock_all()")
