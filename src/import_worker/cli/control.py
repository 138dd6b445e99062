"""``cancel`` and ``rollback``: ending a job before its time, and taking its rows out."""

from typing import Annotated, cast
from uuid import UUID

import typer

from import_worker.artifacts import kept_key
from import_worker.cli.ids import parse_job_id
from import_worker.cli.output import format_rows, print_json, program_name
from import_worker.cli.progress import progress_bar
from import_worker.cli.setup import load_settings
from import_worker.cli.tables import stdout
from import_worker.database.connection import connect
from import_worker.database.stop_requests import Edited
from import_worker.errors import UsageError
from import_worker.importing.rollback import preview_rollback
from import_worker.job import Status
from import_worker.jobs.control import cancel_job, rollback_job
from import_worker.jobs.status import get_status
from import_worker.settings import Settings
from import_worker.telemetry.log_fields import bind_job_to_logs
from import_worker.wiring.application import Application, application


def cancel(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Stop a job between chunks and keep what is in."""
    settings = load_settings(context)
    parsed_id = parse_job_id(job_id)
    with (
        bind_job_to_logs(parsed_id),
        application(settings) as app,
        app.sending(),
        connect(app.database_url) as connection,
    ):
        cancel_job(connection, app.store(), parsed_id, actor=app.settings.actor_user_id)
        current = get_status(connection, parsed_id)
    if as_json:
        print_json(current.to_json())
        return
    print(f"job {parsed_id} is cancelled; {current.stats.rows_succeeded:,} rows are in and stay in")
    if current.stats.rows_succeeded:
        stdout().print(
            f"run it on: {program_name()} retry {parsed_id}; take them out: {program_name()} rollback {parsed_id}",
            soft_wrap=True,
        )


def rollback(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would be taken out and what kept; change nothing.")
    ] = False,
    edited: Annotated[
        str, typer.Option("--edited", metavar="keep|take", help="Whether rows that were edited since stay in.")
    ] = "keep",
    user: Annotated[str | None, typer.Option("--user", help="Id of the user who asks for it.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept with the job.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Take a job's rows out again, but for those that people have touched; a running job is cancelled first."""
    settings = load_settings(context)
    parsed_id = parse_job_id(job_id)
    if edited not in ("keep", "take"):
        raise UsageError(f"--edited is {edited!r}; write keep or take.")
    with bind_job_to_logs(parsed_id), application(settings) as app:
        if preview:
            _preview(app, parsed_id, cast("Edited", edited), as_json=as_json)
        else:
            actor = user or settings.actor_user_id
            _roll_back(app, settings, parsed_id, cast("Edited", edited), actor, reason, as_json=as_json)


def _preview(app: Application, job_id: UUID, edited: Edited, *, as_json: bool) -> None:
    with connect(app.database_url) as connection:
        counts = preview_rollback(connection, job_id)
    if as_json:
        document = {"untouched": counts.untouched, "edited": counts.edited, "referred": counts.referred}
        print_json({"jobId": str(job_id), **document})
        return
    print(f"{format_rows(counts.untouched)} would be taken out of form_submissions")
    if edited == "take":
        print(f"{format_rows(counts.edited)} edited since would be taken out, too")
    else:
        print(f"{format_rows(counts.edited)} edited since would be kept (--edited take takes them out, too)")
    print(f"{format_rows(counts.referred)} that other tables refer to would be kept")


def _roll_back(
    app: Application,
    settings: Settings,
    job_id: UUID,
    edited: Edited,
    actor: str | None,
    reason: str | None,
    *,
    as_json: bool,
) -> None:
    store = app.store()
    with (
        app.sending(),
        connect(app.database_url) as connection,
        progress_bar("looking for rows that other tables hold", wanted=not settings.production) as bar,
    ):
        before = get_status(connection, job_id).job.status
        rollback_job(
            connection, store, job_id, actor=actor, reason=reason, edited=edited, on_progress=bar.update_rollback
        )
        current = get_status(connection, job_id)
    if as_json:
        print_json(current.to_json())
        return
    taken, kept = current.rows_taken_out or 0, current.rows_kept
    is_now = "was rolled back before" if before is Status.ROLLED_BACK else "is rolled back"
    print(f"job {job_id} {is_now}: {format_rows(taken)} taken out" + (f", {kept:,} kept" if kept else ""))
    if kept:
        where = store.locate(kept_key(job_id))
        stdout().print(f"kept, because edited since or held by other tables: {where}", soft_wrap=True)
