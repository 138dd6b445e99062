"""Logs of a command that writes no line, as a rule: structlog, which takes as long to load as such a command may, is
loaded with the first line after all."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import structlog


def configure_late(*, production: bool, stage: str, verbose: bool) -> None:
    """Has ``configure_logs`` called with these arguments when a library writes a line or a logger is asked for."""
    level = logging.WARNING if production or verbose else logging.CRITICAL
    logging.basicConfig(level=level, handlers=[_FirstLine(production, stage, verbose)], force=True)
    logging.captureWarnings(production)


def configure_now() -> None:
    """For one about to call what writes to structlog itself. Does nothing where logs are configured already."""
    for handler in logging.root.handlers:
        if isinstance(handler, _FirstLine):
            handler.configure()


def late_logger(name: str) -> "structlog.stdlib.BoundLogger":
    """A logger of structlog, which is then configured."""
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
