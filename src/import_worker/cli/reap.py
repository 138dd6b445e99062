"""``reap``: queue jobs whose workers died again, or run them on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from import_worker.cli.output import escape_markup, print_json
from import_worker.cli.pending_after import PendingAfter
from import_worker.cli.run import run_job
from import_worker.cli.setup import load_settings
from import_worker.cli.tables import stdout
from import_worker.database.connection import connect
from import_worker.errors import ImportWorkerError
from import_worker.launching.reaper import DeadJob, find_dead_jobs, queue_dead_jobs
from import_worker.wiring.application import Application, application
from import_worker.wiring.launching import make_launch_queue

if TYPE_CHECKING:
    from import_worker.aws.queues import Queue


def reap(
    context: typer.Context,
    pending_after: PendingAfter = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Find jobs whose workers died, and queue them again; with no queue, run them on here."""
    settings = load_settings(context)
    queue = make_launch_queue(settings)
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
        stdout().print(f"job {result['jobId']}: {escape_markup(result['result'])}", soft_wrap=True)
    print(f"{len(results)} dead job{'s' * (len(results) != 1)} {'found' if queue is None else 'queued'}")


def _queue_again(app: Application, queue: "Queue", pending_after: float | None) -> list[dict[str, Any]]:
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
