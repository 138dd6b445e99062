"""``errors``: show what is wrong with a job's rows, and what would cure it."""

from typing import Annotated, Any

import typer

from import_worker.cli.ids import parse_job_id
from import_worker.cli.output import escape_markup, print_json
from import_worker.cli.setup import load_settings
from import_worker.cli.suggestions import show_suggestions
from import_worker.cli.tables import plain_table, stdout
from import_worker.database.connection import connect
from import_worker.job import Status
from import_worker.jobs.errors import get_errors
from import_worker.wiring.application import application

UNRESOLVED_SHOWN = 20


def errors(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(help="The import job.", show_default=False)],
    field: Annotated[str | None, typer.Option("--field", help="Only errors of this field key.")] = None,
    error_type: Annotated[str | None, typer.Option("--type", help="Only errors of this type.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many errors to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show a job's errors: a summary by field and type, what would cure them, then the first of them."""
    parsed_id = parse_job_id(job_id)
    with application(load_settings(context)) as app, connect(app.database_url) as connection:
        document = get_errors(connection, parsed_id, field, error_type, limit)
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
            escape_markup(row["example"]),
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
            escape_markup(error["column"] or error["fieldKey"] or ""),
            escape_markup(error["errorMessage"]),
            escape_markup((error["rawValue"] or "")[:60]),
        )
    out.print(table)


def _show_unresolved(unresolved: list[dict[str, Any]]) -> None:
    """Prints the commonest values that no lookup found."""
    if not unresolved:
        return
    out = stdout()
    out.print()
    table = plain_table("rows", "field", "value that was not found")
    for each in unresolved[:UNRESOLVED_SHOWN]:
        table.add_row(f"{each['rows']:,}", escape_markup(each["fieldKey"]), escape_markup((each["value"] or "")[:60]))
    out.print(table)
    if len(unresolved) > UNRESOLVED_SHOWN:
        out.print(f"... and {len(unresolved) - UNRESOLVED_SHOWN:,} more values: --json has them")
