"""The database, object store, event sender and metrics that the settings name.

Each adapter is loaded when it is needed: most commands need one or two of them.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_worker.settings import Settings
from import_worker.telemetry.lazy_logs import configure_now

if TYPE_CHECKING:
    from import_worker.objects import ObjectStore
    from import_worker.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Application:
    """``embedded`` is True when both the database and the object store are the laptop's defaults."""

    settings: Settings
    database_url: str
    embedded: bool

    @property
    def artifacts_url(self) -> str:
        """The URL of the object store. Raises UsageError where it must be set and is not set."""
        return self.settings.artifacts_url()

    def store(self) -> "ObjectStore":
        from import_worker.objects import ObjectStore

        assumed = self.settings.artifacts_bucket is None and not self.embedded
        return ObjectStore.open(self.artifacts_url, assumed=assumed)

    def sending(self) -> AbstractContextManager[object]:
        """A context that sends status events from the outbox to the status queue, if there is one, for as long as it
        lasts."""
        if self.settings.status_queue_url is None:
            return nullcontext()
        from import_worker.events.queue import StatusQueue
        from import_worker.events.sender import EventSender

        return EventSender(self.database_url, StatusQueue(self.settings.status_queue_url))

    def metrics(self, *, stdout_is_free: bool) -> "Metrics":
        """Metrics on stdout in production, unless stdout belongs to a document (``--json``)."""
        from import_worker.telemetry.metrics import EmbeddedMetrics, NoMetrics

        if self.settings.production and stdout_is_free:
            return EmbeddedMetrics(sys.stdout, self.settings.stage)
        return NoMetrics()


@contextmanager
def application(settings: Settings) -> Iterator[Application]:
    """An application on the database that the settings name or, if they name none, on the embedded one, whose tables
    this makes."""
    url = settings.require_database_url()
    if url is not None:
        yield Application(settings, url, embedded=False)
        return
    configure_now()  # a start of the server that is tried again is logged
    from import_worker.local.embedded import embedded_postgres

    with embedded_postgres(settings.home / "postgres") as embedded_url:
        initialize(embedded_url, standalone=True)
        yield Application(settings, embedded_url, embedded=True)


def initialize(database_url: str, *, standalone: bool) -> list[str]:
    """Creates or upgrades the worker's schema and, standalone, the host's tables and a local tenant; returns the
    migrations applied."""
    from import_worker.database.connection import connect
    from import_worker.database.migrate import create_host_tables, migrate
    from import_worker.local.standalone import ensure_local_tenant

    with connect(database_url) as connection:
        if standalone:
            create_host_tables(connection)
            ensure_local_tenant(connection)
        return migrate(connection)
