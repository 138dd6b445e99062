"""Measures whether time per row and memory stay the same from a hundred thousand rows to millions."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.baselines import run_tool
from bench.result import Result
from bench.workplace import Workplace

MIB = 1 << 20
TOLERANCE = 1.2


def measure_growth(place: Workplace, sizes: Sequence[int]) -> list[dict[str, float]]:
    """Imports a file of each size; returns a point for each: ``rows``, ``seconds``, ``microseconds_per_row``,
    ``peak_mib``."""
    points = []
    for rows in sizes:
        place.clear()
        file = place.file(rows)
        done = place.run(place.submit(file))
        points.append(
            {
                "rows": rows,
                "seconds": done.seconds,
                "microseconds_per_row": done.seconds / rows * 1e6,
                "peak_mib": done.peak_bytes / MIB,
            }
        )
        place.clear()
        file.unlink()
    return points


def compare_sizes(points: Sequence[dict[str, float]]) -> list[Result]:
    """Compares the time per row of the largest file with that of the second largest. In smaller files the program's
    start takes too large a share."""
    before, last = points[-2:]
    figures = {f"{point['rows']:,.0f} rows: µs/row": point["microseconds_per_row"] for point in points}
    ratio = last["microseconds_per_row"] / before["microseconds_per_row"]
    return [
        Result("time per row, most rows against fewer", ratio, goal=TOLERANCE, at_least=False, figures=figures),
        Result(f"memory at {last['rows']:,.0f} rows", last["peak_mib"], "MiB", goal=400, at_least=False),
    ]


def draw(python: str, points: Sequence[dict[str, float]], folder: Path, picture: Path) -> None:
    data = folder / "growth.json"
    data.write_text(json.dumps(list(points), indent=2))
    run_tool(python, "plot", [data, picture])
