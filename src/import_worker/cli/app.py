"""The program's entry: global options, and errors as sentences and exit codes."""

import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import psycopg
import structlog
import typer

from import_worker import __version__
from import_worker.cli.output import plain, stderr
from import_worker.errors import ImportWorkerError, Interrupted, JobFailed, UsageError
from import_worker.options import is_storable
from import_worker.settings import Settings
from import_worker.telemetry.logs import configure_logs, may_quote_a_row, quotes_database
from import_worker.wiring import parse_job_id

log = structlog.stdlib.get_logger(__name__)

app = typer.Typer(
    name="import-worker",
    help="Imports millions of CSV rows from S3 into PostgreSQL: validated, resumable, each row exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass
class State:
    """Set by the global options, read by the commands and by ``main``."""

    debug: bool = False
    production: bool = False


state = State()
stop = threading.Event()
"""Set by SIGTERM and SIGINT while a worker runs."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"import-worker {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and every log line.")] = False,
    version: Annotated[  # noqa: ARG001  (acts in its callback)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    state.debug = debug


def load_settings(*, talkative: bool = False) -> Settings:
    """The settings, and logs set up by them; a ``talkative`` command shows what it does in log lines everywhere."""
    settings = Settings.load()
    state.production = settings.production
    configure_logs(production=settings.production, stage=settings.stage, verbose=state.debug or talkative)
    return settings


def configure_for_doctor() -> None:
    """Logs as ``load_settings`` sets them up, also where a setting is wrong: `doctor` names each of those itself."""
    settings, _ = Settings.load_what_is_right()
    configure_logs(production=settings.production, stage=settings.stage, verbose=state.debug)


def job_id_of(text: str) -> UUID:
    """The job id a person typed. Raises UsageError."""
    job_id = parse_job_id(text)
    if job_id is None:
        raise UsageError(f"{text!r} is not a job id; `import-worker list` shows the ids.")
    return job_id


def main() -> None:
    """Runs the command line and ends the process with the exit code of contract section 2."""
    state.production, stage = Settings.for_logs()
    configure_logs(production=state.production, stage=stage, verbose=False)
    try:
        _check_arguments(sys.argv[1:])
        code = app(standalone_mode=False)
    except ImportWorkerError as error:
        code = _tell(error, error.exit_code)
    except typer.Abort:
        code = 1
    except KeyboardInterrupt:
        code = Interrupted.exit_code
    except psycopg.Error as error:
        said = (error.diag.message_primary or str(error)).strip().splitlines()[0]
        if state.production and may_quote_a_row(error):
            said = f"{type(error).__name__}, SQLSTATE {error.sqlstate}"
        code = _tell(
            error, 1, f"PostgreSQL refused a statement: {said}. Run it again with --debug for the whole story."
        )
    except Exception as error:  # noqa: BLE001  (a defect of ours is told in one sentence, too)
        code = _tell_unexpected(error)
    sys.exit(code if isinstance(code, int) else 0)


def _check_arguments(arguments: list[str]) -> None:
    """Only the name of a file may hold bytes that are no text. Raises UsageError."""
    for argument in arguments:
        if not is_storable(argument) and not Path(argument).exists():
            raise UsageError(f"The argument {argument!r} holds bytes that are no text; write it in UTF-8.")


def _tell(error: BaseException, code: int, message: str | None = None) -> int:
    if state.production:
        if quotes_database(error):
            message = "The job has failed: the database refuses its rows; `import-worker status` shows in which words."
        reason = {"reason": str(error.reason)} if isinstance(error, JobFailed) else {}
        log.error(message or str(error), exit_code=code, **reason, exc_info=error if state.debug else None)
        return code
    if state.debug:
        traceback.print_exception(error)
    stderr().print(f"[bold red]error:[/] {plain(message or str(error))}", soft_wrap=True)
    return code


def _tell_unexpected(error: Exception) -> int:
    if isinstance(error, typer.Exit):
        return error.exit_code
    click_error = getattr(error, "format_message", None)
    if click_error is not None and hasattr(error, "exit_code"):
        return _tell(error, int(error.exit_code), f"{click_error().rstrip('.')}. See `import-worker --help`.")
    # Logs that are kept say no more than the type, because the text may quote a cell.
    what = type(error).__name__ if state.production else f"{type(error).__name__}: {error}"
    return _tell(error, 1, f"Something unexpected happened ({what}). Run it again with --debug for the whole story.")
