"""``list``: show the newest jobs."""

from typing import Annotated, Any

import typer

from import_worker.cli.output import print_json
from import_worker.cli.setup import load_settings_for_reading
from import_worker.cli.tables import plain_table, stdout
from import_worker.database.connection import connect
from import_worker.errors import UsageError
from import_worker.importing.stats import Stats
from import_worker.job import Status
from import_worker.jobs.status import list_statuses
from import_worker.wiring.application import application


def list_jobs(
    context: typer.Context,
    wanted: Annotated[str | None, typer.Option("--status", help="Only jobs with this status.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the newest jobs."""
    if wanted is not None and wanted not in set(Status):
        raise UsageError(f"There is no status {wanted!r}; there are: {', '.join(Status)}.")
    with application(load_settings_for_reading(context)) as app, connect(app.database_url) as connection:
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
            f"{_count_rows_in(job):,}",
            f"{stats.rows_failed:,}",
            job["form"] or "",
            job["sourceFileKey"].rsplit("/", 1)[-1],
            job["createdAt"][:19].replace("T", " "),
        )
    stdout().print(table)


def _count_rows_in(job: dict[str, Any]) -> int:
    """How many of a job's rows are in, by what the job records."""
    if job["status"] == Status.ROLLED_BACK:
        kept = job["errorSummary"].get("keptCount")
        return kept if isinstance(kept, int) else 0
    return Stats.from_json(job["stats"]).rows_succeeded
