"""``status``, ``list`` and ``errors``: how jobs stand."""

import time
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.live import Live
from rich.table import Table

from import_worker.cli.app import job_id_of, load_settings
from import_worker.cli.output import duration, plain, plain_table, print_json, rows, stdout
from import_worker.cli.suggestions import show_suggestions
from import_worker.database.connection import Connection, connect
from import_worker.errors import UsageError
from import_worker.importing.report import kept_key
from import_worker.importing.stats import Stats
from import_worker.job import Status
from import_worker.jobs.status import JobStatus, get_errors, get_status, list_statuses
from import_worker.sources.detect.source_format import describe
from import_worker.wiring import Application, application

WATCH_SECONDS = 1.0
UNRESOLVED_SHOWN = 20
_STEPS = {"read": "reading", "validate": "validating", "copy": "COPY", "versions": "versions", "commit": "commit"}


def status(
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job until it ends.")] = False,
) -> None:
    """Show one job: state, counts, rate, time left, last error."""
    wanted = job_id_of(job_id)
    with application(load_settings()) as app, connect(app.database_url) as connection:
        current = _watch(app, connection, wanted, quiet=as_json) if watch else get_status(connection, wanted)
        if as_json:
            print_json(current.to_json())
        elif not (watch and stdout().is_terminal):
            stdout().print(_describe(app, current))


def list_jobs(
    wanted: Annotated[str | None, typer.Option("--status", help="Only jobs with this status.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the newest jobs."""
    if wanted is not None and wanted not in set(Status):
        raise UsageError(f"There is no status {wanted!r}; there are: {', '.join(Status)}.")
    with application(load_settings()) as app, connect(app.database_url) as connection:
        jobs = list_statuses(connection, wanted, limit)
    if as_json:
        print_json({"jobs": jobs})
        return
    if not jobs:
        print("no jobs; hand one in with `import-worker submit FILE --form FORM.json`")
        return
    table = plain_table("job", "status", "imported", "rejected", "form", "file", "created")
    for job in jobs:
        stats = Stats.from_json(job["stats"])
        table.add_row(
            job["jobId"],
            job["status"],
            f"{_rows_in(job):,}",
            f"{stats.rows_failed:,}",
            job["form"] or "",
            job["sourceFileKey"].rsplit("/", 1)[-1],
            job["createdAt"][:19].replace("T", " "),
        )
    stdout().print(table)


def _rows_in(job: dict[str, Any]) -> int:
    """How many of a job's rows are in, as far as the job tells."""
    if job["status"] == Status.ROLLED_BACK:
        kept = job["errorSummary"].get("keptCount")
        return kept if isinstance(kept, int) else 0
    return Stats.from_json(job["stats"]).rows_succeeded


def errors(
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    field: Annotated[str | None, typer.Option("--field", help="Only errors of this field key.")] = None,
    error_type: Annotated[str | None, typer.Option("--type", help="Only errors of this type.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many errors to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show a job's errors: a summary by field and type, what would cure them, then the first of them."""
    wanted = job_id_of(job_id)
    with application(load_settings()) as app, connect(app.database_url) as connection:
        document = get_errors(connection, wanted, field, error_type, limit)
    if as_json:
        print_json(document)
        return
    if not document["summary"]:
        ended_well = document["status"] in (Status.COMPLETED, Status.VALIDATED)
        why = "" if document["lastError"] is None else f": {document['lastError']}"
        print("no errors" if ended_well else f"no errors of rows; the job is {document['status']}{why}")
        return
    out = stdout()
    table = plain_table("errors", "rows", "field", "type", "message")
    for row in document["summary"]:
        table.add_row(
            f"{row['errors']:,}",
            f"{row['failedRows']:,}",
            row["fieldKey"] or "(whole record)",
            row["errorType"],
            plain(row["example"]),
        )
    out.print(table)
    show_suggestions(document)
    _show_unresolved(document["unresolved"])
    if not document["errors"]:
        return
    out.print()
    table = plain_table("row", "line", "column", "message", "value")
    for error in document["errors"]:
        table.add_row(
            f"{error['rowNumber']:,}",
            f"{error['line']:,}" if error["line"] else "",
            plain(error["column"] or error["fieldKey"] or ""),
            plain(error["errorMessage"]),
            plain((error["rawValue"] or "")[:60]),
        )
    out.print(table)


def _show_unresolved(unresolved: list[dict[str, Any]]) -> None:
    """The commonest values that no lookup found."""
    if not unresolved:
        return
    out = stdout()
    out.print()
    table = plain_table("rows", "field", "value that was not found")
    for each in unresolved[:UNRESOLVED_SHOWN]:
        table.add_row(f"{each['rows']:,}", plain(each["fieldKey"]), plain((each["value"] or "")[:60]))
    out.print(table)
    if len(unresolved) > UNRESOLVED_SHOWN:
        out.print(f"... and {len(unresolved) - UNRESOLVED_SHOWN:,} more values: --json has them")


def _watch(app: Application, connection: Connection, job_id: UUID, *, quiet: bool) -> JobStatus:
    current = get_status(connection, job_id)
    out = stdout()
    if quiet or not out.is_terminal:
        while not current.finished:
            time.sleep(WATCH_SECONDS)
            current = get_status(connection, job_id)
        return current
    with Live(_describe(app, current), console=out, auto_refresh=False) as live:
        while not current.finished:
            time.sleep(WATCH_SECONDS)
            current = get_status(connection, job_id)
            live.update(_describe(app, current), refresh=True)
    return current


def _describe(app: Application, current: JobStatus) -> Table:
    job = current.job
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("job", str(job.id))
    table.add_row("status", str(job.status) + ("" if current.finished else _activity(current)))
    table.add_row("file", plain(job.source_file_key))
    if current.plan is not None and current.plan.format:
        table.add_row("format", plain(describe(current.plan.format)))
    _add_notices(table, current)
    for name, words in _rolled_back(app, current) if job.status is Status.ROLLED_BACK else _progress(current):
        table.add_row(name, words)
    if current.attempts:
        table.add_row("attempts", str(len(current.attempts)))
    if job.error_report_key:
        store = app.store()
        table.add_row("every error", store.locate(job.error_report_key))
        if job.status is not Status.ROLLED_BACK:  # which leaves its header alone
            table.add_row("rejected rows", store.locate(current.to_json()["rejectedRowsKey"]))
    if current.last_error:
        table.add_row("last error", plain(current.last_error))
    return table


def _progress(current: JobStatus) -> Iterator[tuple[str, str]]:
    """How far the import is, how fast, and how long it takes."""
    stats = current.stats
    if current.planning is not None:
        yield "planning", _planning(current.planning)
    if stats.rows_total:
        share = stats.rows_processed / stats.rows_total
        yield "rows", f"{stats.rows_processed:,} of {stats.rows_total:,} ({share:.0%})"
        yield "imported", f"{stats.rows_succeeded:,}"
        yield "rejected", f"{stats.rows_failed:,} ({stats.error_count:,} errors)"
        yield "rate", f"{stats.rows_per_second:,} rows/s"
    if current.finished:
        yield "time", duration(stats.seconds)
    elif stats.seconds_left is not None:
        yield "time left", duration(stats.seconds_left)
    if current.chunk_seconds:
        steps = ", ".join(f"{_STEPS[name]} {seconds:.2f} s" for name, seconds in current.chunk_seconds.items())
        yield "a chunk takes", steps


def _rolled_back(app: Application, current: JobStatus) -> Iterator[tuple[str, str]]:
    """What became of the rows, who asked for it and why, as far as it was told."""
    told = current.job.error_summary
    if current.rows_taken_out is None:
        yield "rows", "taken out by another program, which did not say how many"
    else:
        kept = f", {current.rows_kept:,} kept" if current.rows_kept else ""
        yield "rows", f"{rows(current.rows_taken_out)} taken out{kept}"
    if current.rows_kept:
        yield "kept rows", app.store().locate(kept_key(current.job.id))
    if who := told.get("rolledBackBy"):
        yield "rolled back by", plain(str(who))
    if why := told.get("rollbackReason"):
        yield "because", plain(str(why))


def _add_notices(table: Table, current: JobStatus) -> None:
    if current.notices:
        table.add_row("notices", "\n".join(plain(str(notice["message"])) for notice in current.notices))


def _planning(read: dict[str, Any]) -> str:
    share = read["bytes"] / max(read["bytesTotal"], 1)
    done = "looked through for values that come twice" if read.get("step") == "comparing" else "read"
    return f"{share:.0%} of the file {done}, {read['rows']:,} rows so far"


def _activity(current: JobStatus) -> str:
    if current.alive:
        return ", a worker is on it"
    return f", no worker is on it (import-worker run --job-id {current.job.id})"
