"""Measures commands as whole processes: time, and memory of the process with all its children."""

import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """``peak_bytes``: the highest resident memory at any one time; shared pages count once for each process."""

    seconds: float
    peak_bytes: int
    output: str


class CommandFailed(Exception):
    """A measured command ended with an error."""


def measure(command: Sequence[object], environment: Mapping[str, str]) -> Measured:
    """Runs a command to its end. Raises CommandFailed with the end of its standard error."""
    started = monotonic()
    process = start(command, environment)
    peak = _MemoryWatcher(process.pid)
    output, complaint = process.communicate()
    seconds = monotonic() - started
    peak.stop()
    if process.returncode:
        raise CommandFailed(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{complaint[-2_000:]}")
    return Measured(seconds, peak.bytes, output)


def start(command: Sequence[object], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class _MemoryWatcher:
    """Records the peak memory of a process with its children, in a thread of its own."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            try:
                process = psutil.Process(pid)
                family = [process, *process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(member.memory_info().rss for member in family))
            except psutil.NoSuchProcess:
                continue
