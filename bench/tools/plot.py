"""Draws time and memory by rows. Arguments: the JSON of points, and where the picture goes."""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "growth", "font.size": 10})

from matplotlib import pyplot as plt  # noqa: E402  (must follow the choice of the backend)


def main(points_file: str, picture: str) -> None:
    points = json.loads(Path(points_file).read_text())
    rows = [point["rows"] for point in points]
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for axes, key, title, unit in (
        (time, "microseconds_per_row", "time per row", "µs"),
        (memory, "peak_mib", "peak resident memory", "MiB"),
    ):
        axes.plot(rows, [point[key] for point in points], marker="o", color="#1b6ca8")
        axes.set(xscale="log", xlabel="rows", ylabel=unit, title=title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    memory.axhline(400, color="#b03a2e", linestyle="--", linewidth=1)
    memory.annotate("promised: under 400 MiB", (rows[0], 405), color="#b03a2e", fontsize=8)
    memory.set_ylim(0, 450)
    figure.savefig(picture, metadata={"Date": None})


main(*sys.argv[1:3])
