"""Measures how much memory a program and the processes that it starts take."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

_SECONDS = 0.02


@dataclass
class Peak:
    """The most bytes that were resident at one time in a process and its descendants together."""

    resident_bytes: int = 0


@contextmanager
def watch_peak(process_id: int) -> Iterator[Peak]:
    """Measures the memory fifty times a second while the context lasts."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.wait(_SECONDS):
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(process_id)
                all_of_them = [parent, *parent.children(recursive=True)]
                peak.resident_bytes = max(peak.resident_bytes, sum(map(_resident, all_of_them)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
