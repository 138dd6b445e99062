"""``run`` and ``retry``: work at one job."""

import json
import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any
from uuid import UUID

import typer

from import_worker.cli.ids import parse_job_id
from import_worker.cli.output import escape_markup, format_duration, print_json, program_name
from import_worker.cli.progress import progress_bar
from import_worker.cli.setup import load_settings
from import_worker.cli.suggestions import show_suggestions
from import_worker.cli.tables import plain_table, stdout
from import_worker.database.connection import connect
from import_worker.errors import ImportWorkerError, Interrupted, UsageError
from import_worker.importing.attempt import Listeners
from import_worker.job import Status
from import_worker.jobs.errors import get_errors
from import_worker.jobs.status import JobStatus, get_status
from import_worker.launching.messages import find_detail
from import_worker.options import JobOptions
from import_worker.settings import Settings
from import_worker.telemetry.log_fields import bind_job_to_logs
from import_worker.telemetry.logs import error_line
from import_worker.wiring.application import Application, application
from import_worker.wiring.worker import make_worker

COMMONEST_ERRORS = 8
STOP_LIMIT_SECONDS = 8.5
"""A stopping worker has ten seconds. What is not committed by then is rolled back when the process ends."""


def run(
    context: typer.Context,
    job_id: Annotated[
        str | None, typer.Option("--job-id", "--jobId", help="The import job (or SIN_IMPORT_JOB_ID).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Validate the whole file and insert nothing.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Run a failed job on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Import a job's file, or go on where another worker stopped."""
    settings = load_settings(context)
    wanted, options = _read_launch(settings)
    if job_id is not None:
        wanted = job_id
    if wanted is None:
        raise UsageError("Name the job: --job-id ID, SIN_IMPORT_JOB_ID, or SST_EVENT with detail.jobId.")
    parsed_id = parse_job_id(wanted)
    with bind_job_to_logs(parsed_id), application(settings) as app:
        run_job(app, parsed_id, options=options, dry_run=dry_run, retry=retry, as_json=as_json)


def retry(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(help="The failed job.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Run a failed job on, from what is already in."""
    settings = load_settings(context)
    parsed_id = parse_job_id(job_id)
    with bind_job_to_logs(parsed_id), application(settings) as app:
        run_job(app, parsed_id, retry=True, as_json=as_json)


def run_job(
    app: Application,
    job_id: UUID,
    *,
    options: dict[str, Any] | None = None,
    dry_run: bool = False,
    retry: bool = False,
    as_json: bool = False,
    quiet: bool = False,
) -> JobStatus:
    """Runs the job with a progress bar and prints how it went, unless ``quiet``."""
    stop = _stop_on_signals(production=app.settings.production)
    silent = as_json or quiet or app.settings.production  # the JSON document and production logs have the notices
    with progress_bar(wanted=not (app.settings.production or quiet)) as bar:
        metrics = app.metrics(stdout_is_free=not (as_json or quiet))
        listeners = Listeners(
            on_progress=bar.update,
            on_planning=bar.update_planning,
            on_notice=lambda notice: None if silent else bar.print_line(f"notice: {notice['message']}"),
            metrics=metrics,
        )
        worker = make_worker(app, stop=stop, listeners=listeners)
        try:
            outcome = worker.run(job_id, options=options, dry_run=dry_run, retry=retry)
        except ImportWorkerError:
            if as_json:  # a program gets the status, whatever the exit code is
                with suppress(ImportWorkerError), connect(app.database_url) as connection:
                    print_json(get_status(connection, job_id).to_json())
            raise
    with connect(app.database_url) as connection:
        status = get_status(connection, job_id)
        shown = not (as_json or app.settings.production or quiet)
        errors = get_errors(connection, job_id, None, None, 0) if shown and status.stats.error_count else None
    if as_json:
        print_json(status.to_json())
    elif shown:
        _show(app, status, errors, worked=outcome.worked)
    return status


def _show(app: Application, status: JobStatus, errors: dict[str, Any] | None, *, worked: bool) -> None:
    """Prints how the run ended. ``errors``: the document of `errors`, None where there are none."""
    out, stats = stdout(), status.stats
    if not worked:
        out.print(f"job {status.job.id} is {status.job.status} already; nothing was left to do")
        return
    did = "checked, nothing inserted," if status.job.status is Status.VALIDATED else "imported"
    out.print(
        f"{stats.rows_succeeded:,} of {stats.rows_total:,} rows {did} in {format_duration(stats.seconds)}"
        f" ({stats.rows_per_second:,} rows/s); {stats.rows_failed:,} rejected"
    )
    summary = errors["summary"] if errors else []
    if errors is None or not summary:
        return
    out.print()
    table = plain_table("errors", "field", "type", "for example")
    for row in summary[:COMMONEST_ERRORS]:
        example = escape_markup(f"row {row['firstRow']:,}: {row['example']}")
        table.add_row(f"{row['errors']:,}", row["fieldKey"] or "(whole record)", row["errorType"], example)
    out.print(table)
    if len(summary) > COMMONEST_ERRORS:
        more = len(summary) - COMMONEST_ERRORS
        out.print(f"... and {more} more kind{'s' * (more > 1)}: {program_name()} errors {status.job.id}")
    show_suggestions(errors)
    document, store = status.to_json(), app.store()
    out.print()
    out.print(f"every error:    {store.locate(document['errorReportKey'])}", soft_wrap=True)
    out.print(
        f"rejected rows:  {store.locate(document['rejectedRowsKey'])} (mend them there and submit that file)",
        soft_wrap=True,
    )


def _read_launch(settings: Settings) -> tuple[str | None, dict[str, Any]]:
    """The job id and the options that settings and SST_EVENT give."""
    if not settings.sst_event:
        return settings.job_id, {}
    try:
        event = json.loads(settings.sst_event)
    except (ValueError, RecursionError):
        raise UsageError("SST_EVENT is not JSON; it must hold detail.jobId or jobId.") from None
    detail = find_detail(event) if isinstance(event, dict) else None
    if detail is None:
        raise UsageError("SST_EVENT must be an object with detail.jobId or jobId.")
    options = detail.get("options") or {}
    if not isinstance(options, dict):
        raise UsageError("detail.options in SST_EVENT must be an object of job options.")
    wanted = detail.get("jobId")
    return settings.job_id or (None if wanted is None else str(wanted)), JobOptions.parse(options).changed()


def _stop_on_signals(*, production: bool) -> threading.Event:
    """Returns an event that the first SIGTERM or SIGINT sets, so that the chunks in flight finish. A second signal
    stops at once, which loses nothing either."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        stop.set()
        last_resort = threading.Timer(STOP_LIMIT_SECONDS, _exit_now, kwargs={"production": production})
        last_resort.daemon = True
        last_resort.start()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


def _exit_now(*, production: bool) -> None:
    """Ends the process of a worker that hangs in spite of all time limits, as on a network that drops every packet."""
    sentence = "Stopped in the middle of something that does not answer; run the job again to go on."
    line = error_line(sentence) if production else f"error: {sentence}"
    os.write(2, line.encode() + b"\n")
    os._exit(Interrupted.exit_code)
