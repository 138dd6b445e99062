"""A connection that is opened when it is needed, and reopened after it broke."""

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

import psycopg
import stamina

from import_worker.database.connection import Connection, connect, translate_errors
from import_worker.errors import DatabaseUnavailable

T = TypeVar("T")

ATTEMPTS = 8
RETRY_SECONDS = 60.0
CANCEL_SECONDS = 2.0


class Session:
    """Not to be shared between threads."""

    def __init__(self, url: str, *, give_up: Callable[[], bool] = lambda: False) -> None:
        self._url = url
        self._give_up = give_up
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], T]) -> T:
        """Calls ``work`` with a connection; if the connection breaks, calls it again with a new one, for about a
        minute.

        ``work`` must examine the committed state before it acts, because a commit whose answer was lost may have
        succeeded. Raises DatabaseUnavailable after that minute, or when ``give_up`` returns true.
        """
        for attempt in stamina.retry_context(
            on=self._is_worth_another_try, attempts=ATTEMPTS, timeout=RETRY_SECONDS, wait_max=10.0
        ):
            with attempt:
                try:
                    with translate_errors():
                        return work(self.connection())
                except DatabaseUnavailable:
                    self.close()
                    raise
        raise AssertionError("stamina returns or raises")

    def connection(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
        return self._connection

    def cancel(self) -> None:
        """Cancels the statement that another thread is running; its transaction is rolled back."""
        connection = self._connection
        if connection is not None and not connection.closed:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=CANCEL_SECONDS)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _is_worth_another_try(self, error: Exception) -> bool:
        return isinstance(error, DatabaseUnavailable) and not self._give_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
