"""``doctor``: show what works, what does not, and what to do about it."""

from typing import Annotated

import typer

from import_worker.checks.check import Check, State
from import_worker.checks.doctor import examine, none_failed
from import_worker.cli.output import escape_markup, print_json
from import_worker.cli.setup import configure_for_doctor
from import_worker.cli.tables import plain_table, stdout
from import_worker.errors import UsageError

_COLOURS = {
    State.OK: "green",
    State.FAILED: "bold red",
    State.WARNING: "yellow",
    State.SKIPPED: "dim",
    State.INFO: "dim",
}


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check settings, database and privileges, bucket, queues; say what to do about each failure."""
    configure_for_doctor(context)
    checks = examine()
    if as_json:
        print_json({"ok": none_failed(checks), "checks": [_document(check) for check in checks]})
    else:
        _show(checks)
    if not none_failed(checks):
        raise typer.Exit(UsageError.exit_code)


def _document(check: Check) -> dict[str, str | None]:
    return {"name": check.name, "state": str(check.state), "found": check.found, "cure": check.cure}


def _show(checks: list[Check]) -> None:
    out = stdout()
    table = plain_table("state", "check", "found")
    for check in checks:
        colour = _COLOURS[check.state]
        table.add_row(f"[{colour}]{check.state}[/]", check.name, escape_markup(check.found))
    out.print(table)
    for state, heading in (
        (State.FAILED, "To be mended"),
        (State.WARNING, "Worth a look"),
        (State.INFO, "If you like"),
    ):
        cures = [check for check in checks if check.state is state and check.cure]
        if cures:
            out.print(f"\n[bold]{heading}[/]")
        for check in cures:
            out.print(f"[{_COLOURS[state]}]{check.name}[/]: {escape_markup(check.found)}", soft_wrap=True)
            # A statement must survive being copied, so no line is broken.
            for line in (check.cure or "").splitlines():
                out.print(f"    {escape_markup(line)}", soft_wrap=True)
    failures = sum(check.state is State.FAILED for check in checks)
    what = "1 thing needs" if failures == 1 else f"{failures} things need"
    out.print("\neverything that is needed works" if not failures else f"\n{what} to be mended")
