"""``submit``: hand a file in."""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from import_worker.cli.app import load_settings
from import_worker.cli.output import plain, plain_table, print_json, stderr, stdout
from import_worker.cli.run import run_job
from import_worker.database.connection import connect
from import_worker.errors import UsageError
from import_worker.intake import Request, submit_file
from import_worker.options import JobOptions
from import_worker.preview import Preview, preview_job
from import_worker.sources.source_format import describe
from import_worker.standalone import choose_organization, choose_user
from import_worker.status import get_status
from import_worker.wiring import application, parse_job_id


def submit(
    file: Annotated[
        Path, typer.Argument(help="The file to import: CSV and its relatives, Excel, OpenDocument.", show_default=False)
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
    run: Annotated[bool, typer.Option("--run", help="Import at once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Store a file and create its import job."""
    if (form is None) == (form_id is None):
        raise UsageError("Name the form to import into: --form FORM.json or --form-id ID.")
    if mapping is not None and mapping_template_id is not None:
        raise UsageError("Give either --mapping or --mapping-template-id, not both.")
    options = JobOptions.parse(_options(option or []))
    with application(load_settings()) as app:
        store = app.store()
        with connect(app.database_url) as connection:
            organization_id = choose_organization(connection, organization)
            request = Request(
                file=file,
                organization_id=organization_id,
                user_id=choose_user(connection, user or app.settings.actor_user_id, organization_id),
                form_file=form,
                form_id=None if form_id is None else _id("--form-id", form_id),
                mapping_file=mapping,
                mapping_template_id=(
                    None if mapping_template_id is None else _id("--mapping-template-id", mapping_template_id)
                ),
                options=options,
            )
            job_id = submit_file(connection, store, request)
            preview = preview_job(connection, job_id, file)
        if not as_json:
            _show(preview)
            stdout().print(f"job {job_id}")
            if not run and app.settings.production:
                detail = json.dumps({"jobId": str(job_id)})
                print(f"start it with an event whose detail is {detail}, or here: import-worker run --job-id {job_id}")
            elif not run:
                stdout().print(f"run it: import-worker run --job-id {job_id}")
        if run:
            run_job(app, job_id, as_json=as_json)
        elif as_json:
            with connect(app.database_url) as connection:
                shown = {"format": preview.format, "mapping": preview.mapping, "problem": preview.problem}
                print_json(get_status(connection, job_id).to_json() | shown)


def _show(preview: Preview) -> None:
    """What the file is, and which header feeds which field."""
    out = stdout()
    if preview.format is not None:
        out.print(f"file {plain(describe(preview.format))}")
    if any(preview.mapping.values()):
        table = plain_table("header", "field")
        for header, field in preview.mapping.items():
            table.add_row(plain(header), field or "[dim](ignored)[/]")
        out.print(table)
    if preview.problem is not None:
        stderr().print(f"the import will fail: {plain(preview.problem)}", soft_wrap=True)


def _id(option: str, text: str) -> UUID:
    value = parse_job_id(text)
    if value is None:
        raise UsageError(f"{option} is {text!r}, which is not an id (a UUID).")
    return value


def _options(pairs: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--option is {pair!r}; write KEY=VALUE, for example --option delimiter=';'.")
        key = key.strip()
        # Formats may hold commas, so several are given one by one.
        values[key] = [*values.get(key, []), value] if key == "date_formats" else value
    return values
