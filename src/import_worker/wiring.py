"""Putting the parts together: the only place that knows both the settings and the concrete adapters."""

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from uuid import UUID

from import_worker.aws.queues import Queue
from import_worker.database.connection import connect
from import_worker.database.migrate import create_host_tables, migrate
from import_worker.errors import UsageError
from import_worker.importing.attempt import Listeners
from import_worker.importing.worker import Worker, WorkerSettings
from import_worker.launching.starters import Starter
from import_worker.launching.starters.processes import Processes
from import_worker.local.embedded import embedded_postgres
from import_worker.local.standalone import ensure_local_tenant
from import_worker.objects import ObjectStore
from import_worker.settings import Settings
from import_worker.telemetry.metrics import EmbeddedMetrics, Metrics, NoMetrics


@dataclass(frozen=True)
class Application:
    """A database and an object store to work with. ``embedded`` is True when both are the laptop's defaults."""

    settings: Settings
    database_url: str
    embedded: bool

    def store(self) -> ObjectStore:
        assumed = self.settings.artifacts_bucket is None and not self.embedded
        return ObjectStore.open(self.settings.artifacts_url(), assumed=assumed)

    def worker(self, *, stop: threading.Event | None = None, listeners: Listeners | None = None) -> Worker:
        settings = WorkerSettings(
            connections=self.settings.connections,
            chunk_bytes=self.settings.chunk_bytes,
            max_attempts=self.settings.max_attempts,
            deadline_seconds=self.settings.deadline_seconds,
            actor_user_id=self.settings.actor_user_id,
            admin_roles=self.settings.admin_roles,
        )
        return Worker(self.database_url, self.store(), settings, stop=stop, listeners=listeners, sending=self.sending)

    def sending(self) -> AbstractContextManager[object]:
        """While the context lasts, status events are sent from the outbox to the status queue, where there is one."""
        if self.settings.status_queue_url is None:
            return nullcontext()
        # Half a tenth of a second to load, for which a laptop without a queue need not wait.
        from import_worker.events.queue import StatusQueue  # noqa: PLC0415
        from import_worker.events.sender import EventSender  # noqa: PLC0415

        return EventSender(self.database_url, StatusQueue(self.settings.status_queue_url))

    def metrics(self, *, stdout_is_free: bool) -> Metrics:
        """Metrics on stdout in production, unless stdout belongs to a document (``--json``)."""
        if self.settings.production and stdout_is_free:
            return EmbeddedMetrics(sys.stdout, self.settings.stage)
        return NoMetrics()


@contextmanager
def application(settings: Settings) -> Iterator[Application]:
    """The database that the settings name or, with none, the embedded one, complete with its tables."""
    url = settings.require_database_url()
    if url is not None:
        yield Application(settings, url, embedded=False)
        return
    with embedded_postgres(settings.home / "postgres") as embedded_url:
        initialize(embedded_url, standalone=True)
        yield Application(settings, embedded_url, embedded=True)


def launch_queue(settings: Settings) -> Queue | None:
    """The queue of launch messages, or None with no ``SIN_IMPORT_QUEUE_URL``. Raises UsageError."""
    return None if settings.queue_url is None else Queue(settings.queue_url, "SIN_IMPORT_QUEUE_URL")


def dead_letter_queue(settings: Settings) -> Queue | None:
    """Where messages are put aside, or None. Raises UsageError."""
    url = settings.dead_letter_queue_url
    return None if url is None else Queue(url, "SIN_IMPORT_DEAD_LETTER_QUEUE_URL")


def starter(settings: Settings) -> Starter:
    """ECS when a cluster is named, processes of this machine otherwise. Raises UsageError."""
    if settings.ecs_cluster is None:
        return Processes(settings.max_tasks)
    if not settings.ecs_subnets or not settings.ecs_security_groups:
        raise UsageError(
            "With SIN_IMPORT_ECS_CLUSTER, SIN_IMPORT_ECS_SUBNETS and SIN_IMPORT_ECS_SECURITY_GROUPS must name where"
            " tasks run."
        )
    from import_worker.launching.starters.ecs import EcsTasks  # noqa: PLC0415  (a laptop needs none of it)

    return EcsTasks(
        settings.ecs_cluster,
        settings.ecs_task_definition,
        subnets=settings.ecs_subnets,
        security_groups=settings.ecs_security_groups,
        limit=settings.max_tasks,
        stage=settings.stage,
    )


def initialize(database_url: str, *, standalone: bool) -> list[str]:
    """Creates or upgrades the worker's schema and, standalone, the host's tables and a local tenant; returns the
    migrations applied."""
    with connect(database_url) as connection:
        if standalone:
            create_host_tables(connection)
            ensure_local_tenant(connection)
        return migrate(connection)


def parse_job_id(text: str) -> UUID | None:
    """The job id, or None when the text is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
