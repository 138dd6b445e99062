"""``status``: show how one job stands."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from import_worker.artifacts import kept_key, locate
from import_worker.cli.ids import parse_job_id
from import_worker.cli.output import escape_markup, format_duration, format_rows, print_json
from import_worker.cli.setup import load_settings_for_reading
from import_worker.cli.tables import live, plain_list, stdout
from import_worker.database.connection import Connection, connect
from import_worker.job import Status
from import_worker.jobs.status import JobStatus, get_status
from import_worker.sources.detect.source_format import describe
from import_worker.wiring.application import Application, application

if TYPE_CHECKING:
    from rich.table import Table

WATCH_SECONDS = 1.0
_STEPS = {"read": "reading", "validate": "validating", "copy": "COPY", "versions": "versions", "commit": "commit"}


def status(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job until it ends.")] = False,
) -> None:
    """Show one job: state, counts, rate, time left, last error."""
    parsed_id = parse_job_id(job_id)
    with application(load_settings_for_reading(context)) as app, connect(app.database_url) as connection:
        current = _watch(app, connection, parsed_id, quiet=as_json) if watch else get_status(connection, parsed_id)
        if as_json:
            print_json(current.to_json())
        elif not (watch and stdout().is_terminal):
            stdout().print(_describe(app, current))


def _watch(app: Application, connection: Connection, job_id: UUID, *, quiet: bool) -> JobStatus:
    current = get_status(connection, job_id)
    out = stdout()
    if quiet or not out.is_terminal:
        while not current.finished:
            time.sleep(WATCH_SECONDS)
            current = get_status(connection, job_id)
        return current
    with live(_describe(app, current), out) as shown:
        while not current.finished:
            time.sleep(WATCH_SECONDS)
            current = get_status(connection, job_id)
            shown.update(_describe(app, current), refresh=True)
    return current


def _describe(app: Application, current: JobStatus) -> "Table":
    job = current.job
    table = plain_list()
    table.add_row("job", str(job.id))
    table.add_row("status", str(job.status) + ("" if current.finished else _describe_activity(current)))
    table.add_row("file", escape_markup(job.source_file_key))
    if current.plan is not None and current.plan.format:
        table.add_row("format", escape_markup(describe(current.plan.format)))
    _add_notices(table, current)
    for name, words in (
        _describe_rollback(app, current) if job.status is Status.ROLLED_BACK else _describe_progress(current)
    ):
        table.add_row(name, words)
    if current.attempts:
        table.add_row("attempts", str(len(current.attempts)))
    if job.error_report_key:
        table.add_row("every error", locate(app.artifacts_url, job.error_report_key))
        if job.status is not Status.ROLLED_BACK:  # after which rejected.csv holds its header only
            table.add_row("rejected rows", locate(app.artifacts_url, current.to_json()["rejectedRowsKey"]))
    if current.last_error:
        table.add_row("last error", escape_markup(current.last_error))
    return table


def _describe_progress(current: JobStatus) -> Iterator[tuple[str, str]]:
    """Lines on how far the import is, how fast, and how long it takes."""
    stats = current.stats
    if current.planning is not None:
        yield "planning", _describe_planning(current.planning)
    if stats.rows_total:
        share = stats.rows_processed / stats.rows_total
        yield "rows", f"{stats.rows_processed:,} of {stats.rows_total:,} ({share:.0%})"
        yield "imported", f"{stats.rows_succeeded:,}"
        yield "rejected", f"{stats.rows_failed:,} ({stats.error_count:,} errors)"
        yield "rate", f"{stats.rows_per_second:,} rows/s"
    if current.finished:
        yield "time", format_duration(stats.seconds)
    elif stats.seconds_left is not None:
        yield "time left", format_duration(stats.seconds_left)
    if current.chunk_seconds:
        steps = ", ".join(f"{_STEPS[name]} {seconds:.2f} s" for name, seconds in current.chunk_seconds.items())
        yield "a chunk takes", steps


def _describe_rollback(app: Application, current: JobStatus) -> Iterator[tuple[str, str]]:
    """Lines on what the rollback did, who asked for it and why, as far as that is recorded."""
    summary = current.job.error_summary
    if current.rows_taken_out is None:
        yield "rows", "taken out by another program, which did not say how many"
    else:
        kept = f", {current.rows_kept:,} kept" if current.rows_kept else ""
        yield "rows", f"{format_rows(current.rows_taken_out)} taken out{kept}"
    if current.rows_kept:
        yield "kept rows", locate(app.artifacts_url, kept_key(current.job.id))
    if who := summary.get("rolledBackBy"):
        yield "rolled back by", escape_markup(str(who))
    if why := summary.get("rollbackReason"):
        yield "because", escape_markup(str(why))


def _add_notices(table: "Table", current: JobStatus) -> None:
    if current.notices:
        table.add_row("notices", "\n".join(escape_markup(str(notice["message"])) for notice in current.notices))


def _describe_planning(read: dict[str, Any]) -> str:
    share = read["bytes"] / max(read["bytesTotal"], 1)
    done = "looked through for values that come twice" if read.get("step") == "comparing" else "read"
    return f"{share:.0%} of the file {done}, {read['rows']:,} rows so far"


def _describe_activity(current: JobStatus) -> str:
    if current.alive:
        return ", a worker is on it"
    return f", no worker is on it (import-worker run --job-id {current.job.id})"
