"""``dispatch``: workers are started for launch messages, and for jobs whose workers died."""

import signal
from types import FrameType

from import_worker.cli.pending_after import PendingAfter
from import_worker.cli.setup import load_settings
from import_worker.cli.state import stop
from import_worker.errors import Interrupted, UsageError
from import_worker.launching.dispatcher import Dispatcher
from import_worker.launching.inbox import Inbox
from import_worker.wiring.application import application
from import_worker.wiring.launching import dead_letter_queue, launch_queue, starter


def dispatch(pending_after: PendingAfter = None) -> None:
    """Start a worker for each launch message in the queue, and for jobs whose workers died."""
    settings = load_settings(talkative=True)
    queue = launch_queue(settings)
    if queue is None:
        raise UsageError("SIN_IMPORT_QUEUE_URL is not set; it must name the queue of launch messages.")
    with application(settings) as app:
        dispatcher = Dispatcher(
            app.database_url,
            Inbox(queue, dead_letter_queue(settings)),
            starter(settings),
            artifacts_url=settings.artifacts_url(),
            stop=stop,
            pending_after_seconds=pending_after,
            on_reaped=app.metrics(stdout_is_free=True).jobs_reaped,
            sending=app.sending,
        )
        _stop_on_signals()
        interrupted = dispatcher.run()
    if interrupted:
        raise Interrupted(
            f"Stopped, and {interrupted} worker{'s' * (interrupted > 1)} with it after the last whole chunk; the"
            " messages are in the queue again."
        )


def _stop_on_signals() -> None:
    """The first SIGTERM or SIGINT stops in order; the second at once, and workers on this machine then go on by
    themselves."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
