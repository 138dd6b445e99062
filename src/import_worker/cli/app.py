"""The program's entry: global options, and errors as sentences and exit codes.

It loads nothing but typer: each command's module loads what the command needs (``commands``).
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from import_worker import __version__
from import_worker.cli.commands import CommandGroup
from import_worker.cli.failures import report_error
from import_worker.cli.invocation import Invocation, invocation_of
from import_worker.errors import UsageError
from import_worker.storable_text import is_storable
from import_worker.telemetry.lazy_logs import configure_lazily

app = typer.Typer(
    cls=CommandGroup,
    name="import-worker",
    help="Imports millions of CSV rows from S3 into PostgreSQL: validated, resumable, each row exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"import-worker {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and every log line.")] = False,
    version: Annotated[  # noqa: ARG001  (its callback acts)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    invocation_of(context).debug = debug


def main() -> None:
    """Runs the command line and ends the process with the exit code of contract section 2."""
    # Log lines need these two even if another setting is wrong, and before a command has read the settings.
    production, stage = os.environ.get("NODE_ENV") == "production", os.environ.get("SST_STAGE") or "local"
    invocation = Invocation(production=production, stage=stage)
    configure_lazily(production=production, stage=stage, verbose=False)
    try:
        _check_arguments(sys.argv[1:])
        code = app(standalone_mode=False, obj=invocation)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (a defect of ours is reported in one sentence, too)
        code = report_error(error, invocation)
    sys.exit(code if isinstance(code, int) else 0)


def _check_arguments(arguments: list[str]) -> None:
    """Raises UsageError for an argument with bytes that are no text, unless it is the name of a file."""
    for argument in arguments:
        if not is_storable(argument) and not Path(argument).exists():
            raise UsageError(f"The argument {argument!r} holds bytes that are no text; write it in UTF-8.")
