"""Reporting an error: one sentence for a person, a log line in production, and the exit code."""

import os
import sys
import traceback

import typer

from import_worker.cli.invocation import Invocation
from import_worker.errors import ImportWorkerError, Interrupted, JobFailed
from import_worker.telemetry.lazy_logs import lazy_logger
from import_worker.telemetry.quoting import may_quote_a_row, quotes_database


def report_error(error: Exception | KeyboardInterrupt, invocation: Invocation) -> int:
    """Reports the error that ended a command, and returns the exit code of contract section 2."""
    match error:
        case typer.Exit():
            return error.exit_code
        case typer.Abort():
            return 1
        case KeyboardInterrupt():
            return Interrupted.exit_code
    code, sentence = _find_sentence(error, production=invocation.production)
    _print_or_log(error, code, sentence, invocation)
    return code


def _find_sentence(error: Exception, *, production: bool) -> tuple[int, str]:
    """The exit code and the sentence."""
    if isinstance(error, ImportWorkerError):
        if production and quotes_database(error):
            refused = "The job has failed: the database refuses its rows"
            return error.exit_code, f"{refused}; `import-worker status` shows in which words."
        return error.exit_code, str(error)
    # A library that is not loaded has raised nothing; do not load it to find out.
    psycopg = sys.modules.get("psycopg")
    if psycopg is not None and isinstance(error, psycopg.Error):
        message = (error.diag.message_primary or str(error)).strip().splitlines()[0]
        if production and may_quote_a_row(error):
            message = f"{type(error).__name__}, SQLSTATE {error.sqlstate}"
        return 1, f"PostgreSQL refused a statement: {message}. Run it again with --debug for the whole story."
    wrong_call = getattr(error, "format_message", None)
    if wrong_call is not None and hasattr(error, "exit_code"):
        return int(error.exit_code), f"{wrong_call().rstrip('.')}. See `import-worker --help`."
    # Production logs say only the type, because the text may quote a cell.
    what = type(error).__name__ if production else f"{type(error).__name__}: {error}"
    return 1, f"Something unexpected happened ({what}). Run it again with --debug for the whole story."


def _print_or_log(error: Exception, code: int, sentence: str, invocation: Invocation) -> None:
    if invocation.production:
        reason = {"reason": str(error.reason)} if isinstance(error, JobFailed) else {}
        log = lazy_logger(__name__)
        log.error(sentence, exit_code=code, **reason, exc_info=error if invocation.debug else None)
        return
    if invocation.debug:
        traceback.print_exception(error)
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    label = typer.style("error:", fg=typer.colors.RED, bold=True) if coloured else "error:"
    print(f"{label} {sentence}", file=sys.stderr)
