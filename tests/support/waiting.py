"""Waits, with a time limit, for a condition that another process brings about."""

from collections.abc import Callable
from time import monotonic, sleep


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Returns when the condition holds; AssertionError with ``what`` when it does not in time."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, f"not in {seconds:g} s: {what}"
        sleep(0.1)
