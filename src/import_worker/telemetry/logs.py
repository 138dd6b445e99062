"""Logs on stderr: JSON lines in production, readable text on a terminal. Never a cell's value."""

import logging
import sys
import threading
import traceback
from functools import partial
from typing import Any

import structlog

from import_worker.errors import ImportWorkerError
from import_worker.telemetry.log_fields import clear_log_fields, current_fields
from import_worker.telemetry.quoting import quotes_database

_log = structlog.stdlib.get_logger(__name__)


def configure_logs(*, production: bool, stage: str, verbose: bool) -> None:
    """Sets up structlog, the standard library's logging and warnings for the process.

    Lines of libraries (boto, psycopg, urllib3, stamina) have the same form: in production from level warning, on
    a terminal only when ``verbose``.
    """
    clear_log_fields()
    renderer = _json if production else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    traceback_of = _format_exception if production else structlog.processors.format_exc_info
    shared: list[structlog.typing.Processor] = [
        partial(_add_fields, stage=stage),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, traceback_of, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if production or verbose else logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, _without_traceback],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    level = logging.WARNING if production or verbose else logging.CRITICAL
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(production)
    threading.excepthook = _log_dead_thread if production else threading.__excepthook__


def error_line(message: str) -> str:
    """An error's line as production logs have it, for a caller that must not wait for a lock."""
    event = {"event": message}
    for processor in structlog.get_config()["processors"]:
        event = processor(None, "error", event)
    return str(event)


def _add_fields(_logger: Any, _method: str, event: structlog.typing.EventDict, *, stage: str) -> Any:
    """Adds stage, job and attempt; a field that the line has itself wins."""
    return {"stage": stage, **current_fields(), **event}


def _json(logger: Any, method: str, event: structlog.typing.EventDict) -> str | bytes:
    # "event" first, because that is what a person looks for in a long line.
    ordered = {"event": event.get("event"), **event}
    return structlog.processors.JSONRenderer(ensure_ascii=False)(logger, method, ordered)


def _without_traceback(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Replaces a library's traceback by the error's type: it ends in a driver's error, which may quote a row."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0] is not None:
        event["error"] = error[0].__name__
    return event


def _format_exception(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Writes the traceback with every exception's type, but only the text of our own: a driver's text may quote
    rows."""
    error = event.pop("exc_info", None)
    parts: list[str] = []
    while isinstance(error, BaseException):
        text = f": {error}" if isinstance(error, ImportWorkerError) and not quotes_database(error) else ""
        parts.insert(0, "".join([*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}{text}"]))
        error = error.__cause__ or error.__context__
    if parts:
        event["exception"] = "\n\n".join(parts)
    return event


def _log_dead_thread(args: threading.ExceptHookArgs) -> None:
    name = None if args.thread is None else args.thread.name
    _log.error("a thread broke off", thread=name, error=args.exc_type.__name__)
