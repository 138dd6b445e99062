"""Log lines in production: whoever writes them."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog

from import_worker.telemetry.log_fields import bind_attempt_to_logs, bind_job_to_logs
from import_worker.telemetry.logs import configure_logs, error_line

JOB = UUID(int=5)
NAMED = {"stage": "prod", "job_id": str(JOB), "attempt": 2}


@pytest.fixture
def err(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What production writes to stderr, while attempt 2 of a job runs."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    handlers, hook = logging.root.handlers[:], threading.excepthook
    configure_logs(production=True, stage="prod", verbose=False)
    with bind_job_to_logs(JOB):
        bind_attempt_to_logs(2)
        yield stream
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], threading.excepthook = handlers, hook
    structlog.reset_defaults()


def _only(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    document: dict[str, Any] = json.loads(line)
    assert document | NAMED == document
    assert document["timestamp"].endswith("Z")
    return document


def test_a_line_of_ours_from_any_thread(err: io.StringIO) -> None:
    thread = threading.Thread(target=lambda: structlog.get_logger("any").info("said", what="a\nb"))
    thread.start()
    thread.join()
    line = _only(err)
    assert (line["event"], line["level"], line["what"]) == ("said", "info", "a\nb")


def test_what_a_line_says_itself_wins(err: io.StringIO) -> None:
    structlog.get_logger("any").info("said", job_id="another")
    assert json.loads(err.getvalue())["job_id"] == "another"


def test_a_warning_of_a_library(err: io.StringIO) -> None:
    logging.getLogger("botocore.retries").warning("tried %s times", 3)
    line = _only(err)
    assert (line["event"], line["level"], line["logger"]) == ("tried 3 times", "warning", "botocore.retries")


def test_what_a_library_only_mentions_is_left_out(err: io.StringIO) -> None:
    logging.getLogger("botocore").info("found credentials")
    assert err.getvalue() == ""


def test_a_library_that_logs_an_exception(err: io.StringIO) -> None:
    try:
        int("the cell")
    except ValueError:
        logging.getLogger("psycopg").exception("it broke")
    line = _only(err)
    assert (line["event"], line["error"]) == ("it broke", "ValueError")
    assert "the cell" not in err.getvalue()


def test_a_python_warning(err: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("going away", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "going away" in _only(err)["event"]


def test_a_thread_that_dies(err: io.StringIO) -> None:
    def die() -> None:
        raise ValueError("the cell")

    thread = threading.Thread(target=die, name="some")
    thread.start()
    thread.join()
    line = _only(err)
    assert (line["event"], line["thread"], line["error"]) == ("a thread broke off", "some", "ValueError")
    assert "the cell" not in err.getvalue()


def test_the_line_of_a_worker_that_hangs(err: io.StringIO) -> None:
    line = json.loads(error_line("Stopped."))
    assert line | NAMED | {"event": "Stopped.", "level": "error"} == line


def test_fields_stay_for_whoever_tells_of_the_error(err: io.StringIO) -> None:
    other = UUID(int=6)
    with pytest.raises(ValueError, match="wrong"), bind_job_to_logs(other):
        raise ValueError("wrong")
    structlog.get_logger("any").error("it went wrong")
    assert json.loads(err.getvalue())["job_id"] == str(other)
