"""``python -m bench``: measures, prints a table of ratios with the goals beside them, and writes it as JSON."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from rich.console import Console

from bench.comparisons import Comparisons, Scale
from bench.growth import compare_sizes, draw, measure_growth
from bench.result import Result, save, show
from bench.workplace import workplace

HERE = Path(__file__).parent
SECONDS = 540.0
"""The time limit of the whole run; comparisons that would begin later are left out, and the run says so."""
# Rows a second that even a busy machine imports; used to estimate which file sizes there is time for.
_SLOW = 45_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=Scale.rows, help="rows of most files")
    parser.add_argument("--many-rows", type=int, default=Scale.many_rows, help="rows where memory is measured")
    parser.add_argument("--pairs", type=int, default=Scale.pairs, help="rows inserted one by one")
    parser.add_argument(
        "--others", type=int, nargs=2, default=Scale.others, metavar="ROWS", help="rows beside what is rolled back"
    )
    parser.add_argument("--rounds", type=int, default=Scale.rounds)
    parser.add_argument("--only", action="append", metavar="NAME", help="one comparison; may be repeated")
    parser.add_argument("--growth", type=int, nargs="*", default=[100_000, 1_000_000, 5_000_000], metavar="ROWS")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--tools", help="a Python that has DuckDB, dlt and matplotlib")
    parser.add_argument("--picture", type=Path, help="where to draw the growth")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "latest.json")
    arguments = parser.parse_args()

    console, started = Console(width=None if sys.stdout.isatty() else 150), monotonic()
    few, many = arguments.others
    scale = Scale(arguments.rows, arguments.many_rows, arguments.pairs, (few, many), arguments.rounds)
    folder = Path(tempfile.mkdtemp(prefix="import-bench-"))
    results: list[Result] = []
    try:
        with workplace(folder) as place:
            about = _about(place.query("SHOW server_version")[0])
            for name, compare in Comparisons(place, scale, arguments.tools, console.print).all():
                if arguments.only and name not in arguments.only:
                    continue
                if monotonic() - started > arguments.seconds:
                    console.print(f"{name}: left out, there is no time left")
                    continue
                console.print(f"{monotonic() - started:5.0f} s  {name}", highlight=False)
                results += compare()
            if arguments.growth and (not arguments.only or "growth" in arguments.only):
                left = arguments.seconds - (monotonic() - started)
                sizes = [rows for rows in arguments.growth if rows == arguments.growth[0] or rows / _SLOW < left]
                console.print(f"{monotonic() - started:5.0f} s  growth: {sizes} of {arguments.growth}", highlight=False)
                points = measure_growth(place, sizes)
                results += compare_sizes(points) if len(points) > 1 else []
                if arguments.picture and arguments.tools:
                    draw(arguments.tools, points, folder, arguments.picture)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(results, console)
    about["seconds"] = round(monotonic() - started)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    save(results, about, arguments.json)
    console.print(f"{about['seconds']} s in all; written to {arguments.json}", highlight=False)


def _about(server: str) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "postgresql": server,
    }


if __name__ == "__main__":
    main()
