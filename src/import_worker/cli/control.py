"""``cancel``, ``rollback`` and ``reap``: jobs that are to end otherwise, or that ended without anybody noticing."""

from typing import Annotated

import typer

from import_worker.cli.app import job_id_of, load_settings
from import_worker.cli.output import plain, print_json, progress_bar, stdout
from import_worker.cli.run import run_job
from import_worker.control import cancel_job, rollback_job
from import_worker.database.connection import connect
from import_worker.errors import ImportWorkerError
from import_worker.log_fields import job_in_logs
from import_worker.reaping import find_dead_jobs
from import_worker.status import get_status
from import_worker.wiring import application


def cancel(
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Stop a job between chunks and keep what is in."""
    settings = load_settings()
    wanted = job_id_of(job_id)
    with (
        job_in_logs(wanted),
        application(settings) as app,
        app.sending(),
        connect(app.database_url) as connection,
    ):
        cancel_job(connection, wanted, actor=app.settings.actor_user_id)
        current = get_status(connection, wanted)
    if as_json:
        print_json(current.to_json())
    else:
        print(f"job {wanted} is cancelled; {current.stats.rows_succeeded:,} rows are in and stay in")


def rollback(
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept with the job.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Take all of a job's rows out again; a job that is running is cancelled first."""
    settings = load_settings()
    wanted = job_id_of(job_id)
    with (
        job_in_logs(wanted),
        application(settings) as app,
        app.sending(),
        connect(app.database_url) as connection,
        progress_bar(wanted=not settings.production) as bar,
    ):
        rollback_job(
            connection, wanted, actor=app.settings.actor_user_id, reason=reason, on_progress=bar.update_rollback
        )
        current = get_status(connection, wanted)
    if as_json:
        print_json(current.to_json())
    else:
        print(f"job {wanted} is rolled back; {current.stats.rows_succeeded:,} rows were taken out")


def reap(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Find jobs whose workers died, and run them on."""
    results = []
    with application(load_settings()) as app:
        with connect(app.database_url) as connection:
            dead = find_dead_jobs(connection)
        for job in dead:
            try:
                status = str(run_job(app, job.job_id, quiet=True).job.status)
            except ImportWorkerError as error:
                status = str(error)
            results.append({"jobId": str(job.job_id), "lastSign": job.last_sign.isoformat(), "result": status})
    if as_json:
        print_json({"jobs": results})
        return
    for result in results:
        stdout().print(f"job {result['jobId']}: {plain(result['result'])}")
    print(f"{len(results)} dead jobs found")
