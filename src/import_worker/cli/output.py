"""What the commands print with: tables for people, one JSON document for programs, bars on a terminal only."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from import_worker.importing.planning_progress import PlanningProgress, PlanningStep
from import_worker.importing.stats import Stats

_PLAIN_WIDTH = 120
"""Width where there is no terminal to ask: logs and pipes should not wrap at 80."""


def stdout() -> Console:
    return _console(stderr=False)


def stderr() -> Console:
    return _console(stderr=True)


def print_json(document: Any) -> None:
    """The one JSON document of a ``--json`` call."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def program() -> str:
    """How to call this program again: by name, or by path where the name is not on the PATH (after `make demo`)."""
    called = sys.argv[0]
    return "import-worker" if shutil.which("import-worker") or called.endswith(".py") else called


def plain(text: str) -> str:
    """Text in which rich finds no markup."""
    return text.replace("[", "\\[")


def plain_table(*headers: str) -> Table:
    """A table without boxes; columns of numbers are aligned by ``table.columns[i].justify``."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        numeric = header.lower() in ("rows", "errors", "row", "line", "imported", "rejected")
        # An id that is broken over two lines cannot be copied.
        table.add_column(header, justify="right" if numeric else "left", overflow="fold", no_wrap=header == "job")
    return table


def rows(number: int) -> str:
    """``1 row`` or ``2,000 rows``."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class ProgressBar:
    """A bar for one job on a terminal; nothing elsewhere."""

    def __init__(self, progress: Progress | None, first_words: str = "") -> None:
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

    def tell(self, text: str) -> None:
        """A line of its own on stderr, above the bar where there is one."""
        console = stderr() if self._progress is None else self._progress.console
        console.print(text, soft_wrap=True)

    def update_rollback(self, done: int, total: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description="taking rows out", total=total, completed=done)


@contextmanager
def progress_bar(first_words: str = "planning", *, wanted: bool = True) -> Iterator[ProgressBar]:
    """A progress bar on stderr for as long as the context lasts; ``first_words`` stand there until it has numbers."""
    console = stderr()
    if not wanted or not console.is_terminal:
        yield ProgressBar(None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield ProgressBar(progress, first_words)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else _PLAIN_WIDTH, soft_wrap=False)
