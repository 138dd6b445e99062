"""Logs on stderr: JSON lines in production, readable text on a terminal. Never a cell's value."""

import logging
import sys

import structlog


def configure_logs(*, production: bool, stage: str, verbose: bool) -> None:
    """Sets up structlog and the standard library's logging for the process."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(stage=stage)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if production or verbose else logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries (boto, stamina) may warn; what they say must not break the JSON lines.
    logging.basicConfig(level=logging.ERROR if production else logging.CRITICAL, stream=sys.stderr, force=True)
