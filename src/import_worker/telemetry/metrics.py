"""Metrics of imports, in CloudWatch's Embedded Metric Format: JSON lines from which CloudWatch Logs makes metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import threading
from collections import defaultdict
from dataclasses import asdict
from time import monotonic, time
from typing import Any, Literal, Protocol, TextIO

import structlog

from import_worker.chunk import ChunkResult
from import_worker.telemetry.log_fields import current_fields

log = structlog.stdlib.get_logger(__name__)

NAMESPACE = "Solstice/Imports"
UNITS = {
    "RowsProcessed": "Count",
    "RowsRejected": "Count",
    "ChunkMilliseconds": "Milliseconds",
    "RowsPerSecond": "Count/Second",
    "JobSeconds": "Seconds",
    "JobsCompleted": "Count",
    "JobsFailed": "Count",
    "JobsInterrupted": "Count",
    "JobsReaped": "Count",
}
MAX_VALUES = 100
"""How many values one metric may have in one document. The format also allows 100 metrics and 256 KB a document: nine
metrics of one number each and one of 100 numbers take 2 KB."""
FLUSH_SECONDS = 10.0
"""CloudWatch's metrics have a resolution of a minute; a worker that is killed loses this much."""

JobEnd = Literal["JobsCompleted", "JobsFailed", "JobsInterrupted"]


class Metrics(Protocol):
    """Counts what was committed. May be shared by threads; raises nothing."""

    def chunk_done(self, result: ChunkResult, seconds: float, commit_seconds: float) -> None:
        """``seconds``: the whole transaction, from before the claim until after the commit; ``commit_seconds``: the
        commit alone."""

    def job_ended(self, how: JobEnd, seconds: float | None = None) -> None:
        """``seconds``: the whole job, over all attempts; None where they are not known."""

    def jobs_reaped(self, count: int) -> None: ...

    def flush(self) -> None:
        """Writes what was counted so far."""


class NoMetrics:
    """Does nothing, where nobody collects metrics."""

    def chunk_done(self, result: ChunkResult, seconds: float, commit_seconds: float) -> None: ...
    def job_ended(self, how: JobEnd, seconds: float | None = None) -> None: ...
    def jobs_reaped(self, count: int) -> None: ...
    def flush(self) -> None: ...


class EmbeddedMetrics:
    """Writes one line of JSON to ``out`` when the values are many enough or old enough, at the end of a job, and at
    ``flush``.

    ``Stage`` is the only dimension. The job, the attempt and the seconds of each step of the chunks are
    properties: CloudWatch makes no metrics of them, but Logs Insights finds them.
    """

    def __init__(self, out: TextIO, stage: str) -> None:
        self._out = out
        self._stage = stage
        self._lock = threading.Lock()
        self._values: dict[str, list[float]] = defaultdict(list)
        self._parts: dict[str, float] = defaultdict(float)
        self._flushed = monotonic()
        self._rows = 0
        self._began: float | None = None

    def chunk_done(self, result: ChunkResult, seconds: float, commit_seconds: float) -> None:
        with self._lock:
            now = monotonic()
            rows = result.rows_succeeded + result.rows_failed
            if self._began is None:
                self._began = now - seconds
            self._rows += rows
            self._add("RowsProcessed", rows)
            self._add("RowsRejected", result.rows_failed)
            self._values["ChunkMilliseconds"].append(round(seconds * 1000, 1))
            for part, spent in {**asdict(result), "commit_seconds": commit_seconds}.items():
                if part.endswith("_seconds"):
                    self._parts[part] += spent
            if len(self._values["ChunkMilliseconds"]) >= MAX_VALUES or now - self._flushed >= FLUSH_SECONDS:
                self._write(now)

    def job_ended(self, how: JobEnd, seconds: float | None = None) -> None:
        with self._lock:
            self._add(how, 1)
            if seconds is not None:
                self._values["JobSeconds"] = [round(seconds, 3)]
            self._write(monotonic())

    def jobs_reaped(self, count: int) -> None:
        with self._lock:
            if count:
                self._add("JobsReaped", count)
                self._write(monotonic())

    def flush(self) -> None:
        with self._lock:
            self._write(monotonic())

    def _add(self, name: str, count: int) -> None:
        self._values[name] = [sum(self._values[name]) + count]

    def _write(self, now: float) -> None:
        if not self._values:
            return
        if self._began is not None and self._values["ChunkMilliseconds"]:
            self._values["RowsPerSecond"] = [round(self._rows / max(now - self._began, 0.001), 1)]
        line = json.dumps(self._document(), ensure_ascii=True, separators=(",", ":"))
        self._values.clear()
        self._parts.clear()
        self._flushed = now
        try:
            # In one piece, so that no other thread's line comes between.
            self._out.write(line + "\n")
            self._out.flush()
        except (OSError, ValueError) as error:
            log.warning("metrics could not be written", why=type(error).__name__)

    def _document(self) -> dict[str, Any]:
        values = {name: self._values[name] for name in UNITS if self._values.get(name)}
        names = {"job_id": "JobId", "attempt": "Attempt"}
        return {
            "_aws": {
                "Timestamp": int(time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [["Stage"]],
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                    }
                ],
            },
            "Stage": self._stage,
            **{names[field]: value for field, value in current_fields().items() if field in names},
            **{_camel(part): round(seconds, 3) for part, seconds in self._parts.items()},
            **{name: numbers if name == "ChunkMilliseconds" else numbers[0] for name, numbers in values.items()},
        }


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
