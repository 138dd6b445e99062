"""``dispatch``: start workers for launch messages, and for jobs whose workers died."""

import signal
import threading
from types import FrameType

import typer

from import_worker.cli.pending_after import PendingAfter
from import_worker.cli.setup import load_settings
from import_worker.errors import Interrupted, UsageError
from import_worker.launching.dispatcher import Dispatcher
from import_worker.launching.inbox import Inbox
from import_worker.wiring.application import application
from import_worker.wiring.launching import make_dead_letter_queue, make_launch_queue, make_starter


def dispatch(context: typer.Context, pending_after: PendingAfter = None) -> None:
    """Start a worker for each launch message in the queue, and for jobs whose workers died."""
    settings = load_settings(context, log_progress=True)
    queue = make_launch_queue(settings)
    if queue is None:
        raise UsageError("SIN_IMPORT_QUEUE_URL is not set; it must name the queue of launch messages.")
    with application(settings) as app:
        dispatcher = Dispatcher(
            app.database_url,
            Inbox(queue, make_dead_letter_queue(settings)),
            make_starter(settings),
            artifacts_url=settings.artifacts_url(),
            stop=_stop_on_signals(),
            pending_after_seconds=pending_after,
            on_reaped=app.metrics(stdout_is_free=True).jobs_reaped,
            sending=app.sending,
        )
        interrupted = dispatcher.run()
    if interrupted:
        raise Interrupted(
            f"Stopped, and {interrupted} worker{'s' * (interrupted > 1)} with it after the last whole chunk; the"
            " messages are in the queue again."
        )


def _stop_on_signals() -> threading.Event:
    """Returns an event that the first SIGTERM or SIGINT sets, for an orderly stop. A second signal stops at once;
    workers on this machine then go on by themselves."""
    stop = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop
