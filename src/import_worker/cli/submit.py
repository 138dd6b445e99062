"""``submit``: check a file, store it, and create its job."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from import_worker.cli.ids import parse_id
from import_worker.cli.output import escape_markup, print_json
from import_worker.cli.progress import progress_bar
from import_worker.cli.run import run_job
from import_worker.cli.setup import load_settings
from import_worker.cli.tables import plain_table, stdout
from import_worker.database.connection import connect
from import_worker.database.host import Actor
from import_worker.errors import UsageError
from import_worker.forms.notices import NoticeCode
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.jobs.form_documents import read_form, read_mapping
from import_worker.jobs.incoming_file import check_kind, open_incoming
from import_worker.jobs.preview import Preview
from import_worker.jobs.status import get_status
from import_worker.jobs.submit import Submission, SubmissionRefused, check_submission, store_submission
from import_worker.local.standalone import choose_organization, choose_user
from import_worker.options import JobOptions
from import_worker.sources.detect.source_format import describe
from import_worker.wiring.application import Application, application


def submit(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="The file to import: CSV and its relatives, Excel, OpenDocument. `-`: standard input.",
            show_default=False,
        ),
    ],
    form: Annotated[Path | None, typer.Option("--form", help="Form definition (JSON) to import into.")] = None,
    form_id: Annotated[str | None, typer.Option("--form-id", help="Id of a form in the database.")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Mapping (JSON): header to field.")] = None,
    mapping_template_id: Annotated[
        str | None, typer.Option("--mapping-template-id", help="Id of a mapping template in the database.")
    ] = None,
    organization: Annotated[str | None, typer.Option("--organization", help="Organisation, by id or slug.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="Id of the user who imports.")] = None,
    option: Annotated[list[str] | None, typer.Option("--option", help="Job option KEY=VALUE; may be repeated.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Let the job's first run insert nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also a file that the form has got already.")] = False,
    run: Annotated[bool, typer.Option("--run", help="Import at once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a file, store it, and create its import job."""
    if form is None and form_id is None:
        raise UsageError("Name the form to import into: --form FORM.json or --form-id ID.")
    if form is not None and form_id is not None:
        raise UsageError("Give either --form or --form-id, not both.")
    if mapping is not None and mapping_template_id is not None:
        raise UsageError("Give either --mapping or --mapping-template-id, not both.")
    options = JobOptions.parse(_parse_options(option or []) | ({"dry_run": True} if dry_run else {}))
    check_kind(file)
    form_file = None if form is None else read_form(form)
    mapping_document = None if mapping is None else read_mapping(mapping)
    target = None if form_id is None else _parse_id_option("--form-id", form_id)
    template = None if mapping_template_id is None else _parse_id_option("--mapping-template-id", mapping_template_id)
    with application(load_settings(context)) as app:
        with connect(app.database_url) as connection:
            organization_id = choose_organization(connection, organization)
            user_id = choose_user(connection, user or app.settings.actor_user_id, organization_id)
        actor = Actor(user_id, app.settings.admin_roles)
        submission = Submission(
            organization_id, actor, form_file, target, mapping_document, template, options, again=again
        )
        job_id, preview = _check_and_store(app, file, submission, as_json=as_json)
        if not as_json:
            stdout().print(f"job {job_id}")
            if not run and app.settings.production:
                detail = json.dumps({"jobId": str(job_id)})
                print(f"start it with an event whose detail is {detail}, or here: import-worker run --job-id {job_id}")
            elif not run:
                stdout().print(f"run it: import-worker run --job-id {job_id}")
        if run:
            run_job(app, job_id, dry_run=dry_run, as_json=as_json)
        elif as_json:
            with connect(app.database_url) as connection:
                print_json(get_status(connection, job_id).to_json() | preview.to_json())


def _check_and_store(app: Application, file: Path, submission: Submission, *, as_json: bool) -> tuple[UUID, Preview]:
    """Checks and stores the file, and prints its preview, also when it is refused."""
    standard_input = None if sys.stdin is None else sys.stdin.buffer
    try:
        with open_incoming(file, standard_input) as incoming, connect(app.database_url) as connection:
            with progress_bar(wanted=not (app.settings.production or as_json)) as bar:
                checked = check_submission(connection, incoming, submission, PlanningProgress(bar.update_planning))
            job_id = store_submission(connection, app.store(), incoming, checked)
    except SubmissionRefused as refused:
        if as_json:
            print_json(refused.to_json())
        else:
            _show(refused.preview)
        raise
    if not as_json:
        _show(checked.preview)
    return job_id, checked.preview


def _show(preview: Preview) -> None:
    """Prints what the file is, which header feeds which field, and which fields have no column."""
    out = stdout()
    if preview.format is not None:
        rows = "" if preview.rows is None else f", {preview.rows:,} row{'s' * (preview.rows != 1)}"
        out.print(f"file {escape_markup(describe(preview.format))}{rows}")
    if preview.columns:
        table = plain_table("header", "field")
        for header, field in preview.columns:
            table.add_row(escape_markup(header), "[dim](ignored)[/]" if field is None else escape_markup(field))
        out.print(table)
    if preview.missing:
        table = plain_table("field without a column", "nearest header")
        for key, nearest in preview.missing:
            table.add_row(escape_markup(key), "[dim](none)[/]" if nearest is None else escape_markup(nearest))
        out.print(table)
    # The table above lists fields without a column, with the headers that may be meant.
    for notice in preview.notices:
        if notice.code is not NoticeCode.FIELD_WITHOUT_COLUMN:
            out.print(f"[yellow]notice:[/] {escape_markup(notice.message)}", soft_wrap=True)


def _parse_id_option(option: str, text: str) -> UUID:
    value = parse_id(text)
    if value is None:
        raise UsageError(f"{option} is {text!r}, which is not an id (a UUID).")
    return value


def _parse_options(pairs: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--option is {pair!r}; write KEY=VALUE, for example --option delimiter=';'.")
        key = key.strip()
        # Formats may hold commas, so each is given as an option of its own.
        values[key] = [*values.get(key, []), value] if key == "date_formats" else value
    return values
