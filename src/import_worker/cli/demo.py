"""``demo``: a whole import of generated rows."""

from time import perf_counter
from typing import Annotated

import typer
from psycopg import sql

from import_worker.cli.output import format_duration, program_name
from import_worker.cli.run import run_job
from import_worker.cli.setup import load_settings
from import_worker.cli.tables import stdout
from import_worker.database.connection import connect
from import_worker.database.host import Actor
from import_worker.database.queries import fragment
from import_worker.jobs.form_documents import FormFile
from import_worker.jobs.incoming_file import open_incoming
from import_worker.jobs.submit import Submission, check_submission, store_submission
from import_worker.local.sample import FORM, registry
from import_worker.local.standalone import choose_organization, choose_user
from import_worker.wiring.application import application


def demo(
    context: typer.Context,
    rows: Annotated[int, typer.Option("--rows", min=1, max=100_000_000, help="How many rows to make.")] = 100_000,
) -> None:
    """Make a member registry, import it, and show what happened."""
    settings = load_settings(context)
    out = stdout()
    out.print(f"[bold]1.[/] making a member registry of {rows:,} rows, about 2 % of them bad")
    file = settings.home.expanduser().resolve() / "demo" / f"members-{rows}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    started = perf_counter()
    with file.open("wb") as target:
        for block in registry(rows):
            target.write(block)
    size = file.stat().st_size
    out.print(f"   {file} ({size / 1e6:,.1f} MB, {format_duration(perf_counter() - started)})", soft_wrap=True)
    started = perf_counter()
    with application(settings) as app:
        where = "an embedded PostgreSQL, started for this" if app.embedded else "the database of DatabaseUrl"
        out.print(f"[bold]2.[/] submitting it to {where} ({format_duration(perf_counter() - started)})")
        with connect(app.database_url) as connection:
            organization_id = choose_organization(connection, None)
            user_id = choose_user(connection, None, organization_id)
            # Each call makes the same rows, which may be imported again.
            submission = Submission(
                organization_id, Actor(user_id, ()), form=FormFile("demo-members", FORM), again=True
            )
            with open_incoming(file, None) as incoming:
                checked = check_submission(connection, incoming, submission)
                job_id = store_submission(connection, app.store(), incoming, checked)
        out.print(f"   job {job_id}")
        out.print("[bold]3.[/] importing it: plan, validate, COPY, a checkpoint with every chunk")
        out.print()
        run_job(app, job_id)
    out.print()
    out.print("look further:")
    out.print(f"  {program_name()} status {job_id}", soft_wrap=True)
    out.print(f"  {program_name()} errors {job_id} --limit 5", soft_wrap=True)
    select = fragment("look_at_rows", job=sql.Literal(str(job_id))).as_string()
    out.print(f'  {program_name()} psql -c "{select}"', soft_wrap=True)
