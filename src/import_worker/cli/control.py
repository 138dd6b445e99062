"""``cancel`` and ``rollback``: jobs that are to end otherwise."""

from typing import Annotated

import typer

from import_worker.cli.app import job_id_of, load_settings
from import_worker.cli.output import print_json, progress_bar
from import_worker.control import cancel_job, rollback_job
from import_worker.database.connection import connect
from import_worker.log_fields import job_in_logs
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
