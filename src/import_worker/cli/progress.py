"""A progress bar on stderr, on a terminal only."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from import_worker.cli.tables import stderr
from import_worker.importing.planning_progress import PlanningProgress, PlanningStep
from import_worker.importing.stats import Stats

if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressBar:
    """A bar for one job on a terminal; nothing elsewhere."""

    def __init__(self, progress: "Progress | None", first_words: str = "") -> None:
        self._progress = progress
        self._task = None if progress is None else progress.add_task(first_words, total=None, rate="")

    def update(self, stats: Stats) -> None:
        if self._progress is not None and self._task is not None:
            rate = f"{stats.rows_per_second:,} rows/s" if stats.rows_per_second else ""
            self._progress.update(
                self._task,
                description=f"{stats.rows_processed:,} of {stats.rows_total:,} rows",
                total=stats.rows_total,
                completed=stats.rows_processed,
                rate=rate,
            )

    def update_planning(self, planning: PlanningProgress) -> None:
        if self._progress is not None and self._task is not None:
            doing = "planning" if planning.step is PlanningStep.READING else "looking for values that come twice"
            rows = f"{doing}, {planning.rows:,} rows so far" if planning.rows else doing
            self._progress.update(
                self._task, description=rows, total=max(planning.bytes_total, 1), completed=planning.bytes
            )

    def print_line(self, text: str) -> None:
        """Prints a line on stderr, above the bar if there is one."""
        if self._progress is None:
            print(text, file=sys.stderr)
        else:
            self._progress.console.print(text, markup=False, emoji=False, soft_wrap=True)

    def update_rollback(self, done: int, total: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description="taking rows out", total=total, completed=done)


@contextmanager
def progress_bar(first_words: str = "planning", *, wanted: bool = True) -> Iterator[ProgressBar]:
    """A progress bar on stderr for as long as the context lasts; ``first_words`` stand there until it has numbers."""
    if not wanted or not sys.stderr.isatty():
        yield ProgressBar(None)
        return
    with _bar() as progress:
        yield ProgressBar(progress, first_words)


def _bar() -> "Progress":
    from rich import progress as bars  # noqa: PLC0415  (not loaded where there is no bar)

    return bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TextColumn("{task.fields[rate]}"),
        bars.TimeRemainingColumn(compact=True),
        console=stderr(),
        transient=True,
    )
