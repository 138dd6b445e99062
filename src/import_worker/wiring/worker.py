"""Making the worker of one run."""

import threading

from import_worker.importing.attempt import Listeners
from import_worker.importing.worker import Worker, WorkerSettings
from import_worker.wiring.application import Application


def make_worker(app: Application, *, stop: threading.Event | None = None, listeners: Listeners | None = None) -> Worker:
    """A worker on the application's database and object store, by its settings."""
    settings = WorkerSettings(
        connections=app.settings.connections,
        chunk_bytes=app.settings.chunk_bytes,
        max_attempts=app.settings.max_attempts,
        deadline_seconds=app.settings.deadline_seconds,
        actor_user_id=app.settings.actor_user_id,
        admin_roles=app.settings.admin_roles,
    )
    return Worker(app.database_url, app.store(), settings, stop=stop, listeners=listeners, sending=app.sending)
