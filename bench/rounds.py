"""Several ways to do a thing, in turn: A B A B, so that a machine whose speed drifts drifts for all of them."""

from collections.abc import Callable, Mapping
from statistics import median
from time import monotonic


def in_turn(ways: Mapping[str, Callable[[], float]], *, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Each way's figures, round by round. After ``seconds`` no further round begins, but one is always made."""
    figures: dict[str, list[float]] = {name: [] for name in ways}
    started = monotonic()
    for number in range(rounds):
        if number and monotonic() - started > seconds:
            break
        for name, way in ways.items():
            figures[name].append(way())
    return figures


def middle(figures: Mapping[str, list[float]], name: str) -> float:
    return median(figures[name])
