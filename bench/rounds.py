"""Measures several ways to do the same work in turn (A B A B), so that changes of the machine's speed affect all."""

from collections.abc import Callable, Mapping
from statistics import median
from time import monotonic


def measure_in_turn(ways: Mapping[str, Callable[[], float]], *, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Returns each way's figures, round by round. After ``seconds`` no further round begins; the first always runs."""
    figures: dict[str, list[float]] = {name: [] for name in ways}
    started = monotonic()
    for number in range(rounds):
        if number and monotonic() - started > seconds:
            break
        for name, way in ways.items():
            figures[name].append(way())
    return figures


def median_of(figures: Mapping[str, list[float]], name: str) -> float:
    return median(figures[name])
