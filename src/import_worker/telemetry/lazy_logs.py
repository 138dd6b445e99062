"""Lazy logs, for commands that seldom write a line: structlog, which takes as long to load as such a command may take
in all, is loaded with the first line."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import structlog


def configure_lazily(*, production: bool, stage: str, verbose: bool) -> None:
    """Arranges that ``configure_logs`` is called with these arguments when a library writes a line or ``lazy_logger``
    is called."""
    level = logging.WARNING if production or verbose else logging.CRITICAL
    logging.basicConfig(level=level, handlers=[_FirstLine(production, stage, verbose)], force=True)
    logging.captureWarnings(production)


def configure_now() -> None:
    """Configures logs at once, for a caller of code that writes to structlog directly. Does nothing where they are
    configured already."""
    for handler in logging.root.handlers:
        if isinstance(handler, _FirstLine):
            handler.configure()


def lazy_logger(name: str) -> "structlog.stdlib.BoundLogger":
    """Configures logs, and returns a logger of structlog."""
    configure_now()
    import structlog  # noqa: PLC0415  (see above)

    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class _FirstLine(logging.Handler):
    def __init__(self, production: bool, stage: str, verbose: bool) -> None:
        super().__init__()
        self._production = production
        self._stage = stage
        self._verbose = verbose

    def configure(self) -> None:
        from import_worker.telemetry.logs import configure_logs  # noqa: PLC0415  (see above)

        configure_logs(production=self._production, stage=self._stage, verbose=self._verbose)

    def emit(self, record: logging.LogRecord) -> None:
        self.configure()
        logging.getLogger(record.name).handle(record)
