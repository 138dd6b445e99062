"""A job's counts, as the host, the events and the progress bar show them. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from import_worker.chunk import ChunkProgress


@dataclass(frozen=True)
class Stats:
    """``import_jobs.stats``. ``rows_per_second`` and ``seconds`` are of the running (or last) attempt."""

    rows_total: int
    rows_processed: int
    rows_succeeded: int
    rows_failed: int
    error_count: int
    chunks_total: int
    chunks_done: int
    rows_per_second: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """With ``totalRows`` and ``errorRows``, which the host's own screen reads."""
        return {**asdict(self), "totalRows": self.rows_total, "errorRows": self.rows_failed}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """A key that is missing (the job was never planned) or holds no number (another program wrote it) counts as
        0."""
        return cls(**{name: _number(document.get(name)) for name in cls.__dataclass_fields__})

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None when there is none."""
        if not self.rows_per_second:
            return None
        return (self.rows_total - self.rows_processed) / self.rows_per_second


def _number(value: object) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def compute_stats(progress: ChunkProgress, rows_total: int, *, seconds: float, rows_before: int = 0) -> Stats:
    """Stats of an attempt that began ``seconds`` ago, when ``rows_before`` rows were already in."""
    rows = progress.rows_processed - rows_before
    return Stats(
        rows_total=rows_total,
        rows_processed=progress.rows_processed,
        rows_succeeded=progress.rows_succeeded,
        rows_failed=progress.rows_failed,
        error_count=progress.error_count,
        chunks_total=progress.chunks_total,
        chunks_done=progress.chunks_done,
        rows_per_second=round(rows / seconds) if seconds > 0 else 0,
        seconds=round(seconds, 3),
    )
