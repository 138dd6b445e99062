"""``dispatch`` and ``reap``: workers are started for launch messages, and for jobs whose workers died."""

import signal
from types import FrameType
from typing import Annotated, Any

import typer

from import_worker.aws.queues import Queue
from import_worker.cli.app import load_settings, stop
from import_worker.cli.output import plain, print_json, stdout
from import_worker.cli.run import run_job
from import_worker.database.connection import connect
from import_worker.errors import ImportWorkerError, Interrupted, UsageError
from import_worker.launching.dispatcher import Dispatcher
from import_worker.launching.inbox import Inbox
from import_worker.launching.reaper import DeadJob, find_dead_jobs, queue_dead_jobs
from import_worker.wiring import Application, application, dead_letter_queue, launch_queue, starter

LONGEST_SECONDS = 10 * 365 * 24 * 3600.0
_PendingAfter = Annotated[
    float | None,
    typer.Option(
        "--pending-after",
        metavar="SECONDS",
        min=1,
        max=LONGEST_SECONDS,
        help="Take jobs, too, that have been pending for so long and that nobody ever started.",
    ),
]


def dispatch(pending_after: _PendingAfter = None) -> None:
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


def reap(
    pending_after: _PendingAfter = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Find jobs whose workers died, and queue them again; with no queue, run them on here."""
    settings = load_settings()
    queue = launch_queue(settings)
    with application(settings) as app:
        if queue is None:
            results = _run_on(app, pending_after)
        else:
            with app.sending():
                results = _queue_again(app, queue, pending_after)
            app.metrics(stdout_is_free=not as_json).jobs_reaped(len(results))
    if as_json:
        print_json({"jobs": results})
        return
    for result in results:
        stdout().print(f"job {result['jobId']}: {plain(result['result'])}", soft_wrap=True)
    print(f"{len(results)} dead job{'s' * (len(results) != 1)} {'found' if queue is None else 'queued'}")


def _queue_again(app: Application, queue: Queue, pending_after: float | None) -> list[dict[str, Any]]:
    with connect(app.database_url) as connection:
        queued = queue_dead_jobs(connection, queue, pending_after_seconds=pending_after)
    return [_result(job, "queued") for job in queued]


def _run_on(app: Application, pending_after: float | None) -> list[dict[str, Any]]:
    with connect(app.database_url) as connection:
        dead = find_dead_jobs(connection, pending_after_seconds=pending_after)
    results = []
    for job in dead:
        try:
            result = str(run_job(app, job.job_id, quiet=True).job.status)
        except ImportWorkerError as error:
            result = str(error)
        results.append(_result(job, result))
    return results


def _result(job: DeadJob, result: str) -> dict[str, Any]:
    last_sign = None if job.last_sign is None else job.last_sign.isoformat()
    return {"jobId": str(job.job_id), "lastSign": last_sign, "result": result}


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
