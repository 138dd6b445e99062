"""Printing suggestions, for `errors` and `run`."""

from typing import Any

from import_worker.cli.output import escape_markup, program_name
from import_worker.cli.tables import stdout

_MAX_SHOWN = 8


def show_suggestions(document: dict[str, Any]) -> None:
    """Prints the suggestions of a document of `errors`; nothing where there are none."""
    out, suggestions = stdout(), document["suggestions"]
    if not suggestions:
        return
    out.print()
    for suggestion in suggestions[:_MAX_SHOWN]:
        out.print(
            f"[bold]suggestion:[/] {escape_markup(suggestion['fieldKey'])}: {escape_markup(suggestion['message'])}",
            soft_wrap=True,
        )
    if document["suggestedMapping"] is not None or len(suggestions) > _MAX_SHOWN:
        out.print(
            f"The whole mapping as suggested is in {program_name()} errors {document['jobId']} --json.", soft_wrap=True
        )
