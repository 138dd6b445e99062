"""Suggestions, as `errors` and `run` print them."""

from typing import Any

from import_worker.cli.output import plain, program
from import_worker.cli.tables import stdout

_MOST = 8


def show_suggestions(document: dict[str, Any]) -> None:
    """What would cure the errors of a document of `errors`; nothing where nothing would."""
    out, suggestions = stdout(), document["suggestions"]
    if not suggestions:
        return
    out.print()
    for suggestion in suggestions[:_MOST]:
        out.print(
            f"[bold]suggestion:[/] {plain(suggestion['fieldKey'])}: {plain(suggestion['message'])}", soft_wrap=True
        )
    if document["suggestedMapping"] is not None or len(suggestions) > _MOST:
        out.print(
            f"The whole mapping as suggested is in {program()} errors {document['jobId']} --json.", soft_wrap=True
        )
