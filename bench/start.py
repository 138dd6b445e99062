"""Measures what the program's start costs: processor seconds of commands that do almost nothing."""

import resource
import subprocess
from collections.abc import Callable

from bench.process import CommandFailed
from bench.result import Result
from bench.workplace import PROGRAM, Workplace

RUNS = 5
"""Runs of each command; the cheapest counts, because other work on the machine can only add to the time."""
ROWS = 10


def measure_starts(place: Workplace) -> list[Result]:
    """Measures `--help`, `list`, `status` and a file of ten rows, with the goals of section 12 of the contract."""
    job_id = place.submit(place.file(ROWS))
    place.run(job_id)
    return [
        _result("--help", 0.25, lambda: ["--help"], place),
        _result("list", 0.4, lambda: ["list"], place),
        _result("status", 0.4, lambda: ["status", job_id], place),
        _result(f"a file of {ROWS} rows, run", 1.0, lambda: ["run", "--job-id", place.submit(place.file(ROWS))], place),
    ]


def _result(name: str, goal: float, prepare: Callable[[], list[str]], place: Workplace) -> Result:
    """``prepare`` returns the arguments of each run, and is not measured."""
    seconds = [_processor_seconds(place, prepare()) for _ in range(RUNS)]
    figures = {"highest of five": max(seconds)}
    return Result(f"{name}: processor time", min(seconds), "s", goal=goal, at_least=False, figures=figures)


def _processor_seconds(place: Workplace, arguments: list[str]) -> float:
    """User and system time of the program and of the processes that it waited for, without the server's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(PROGRAM), *arguments], env=dict(place.environment()), capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CommandFailed(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2_000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
