"""Patterns that need backtracking, run in a helper process that can be killed.

Nothing could stop a pattern that takes exponential time within this process, because its thread stays in the engine. So
each such pattern has helper processes (``pattern_process``): one for each thread that uses it, kept for the next batch.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from import_worker.errors import TransientError
from import_worker.forms.series import for_each_distinct
from import_worker.forms.unusable import invalid_form

_BATCH_SECONDS = 1.0  # of processor time, so that a busy machine does not change what is valid
_BATCH_TEXTS = 256
_BATCH_CHARACTERS = 1 << 20
_MAX_OVERRUNS = 10
# Only a stopped or starved helper takes this long: each helper limits its own processor time.
_ANSWER_TIMEOUT_SECONDS = 60.0
# Exit statuses of a helper that used up its time (SIGPROF) or memory (Rust aborts, Python raises MemoryError).
_RAN_OUT = {-signal.SIGPROF, -signal.SIGABRT, 1}


@dataclass
class Overruns:
    """Counts the batches of one chunk that took too long and were stopped. Not to be shared between threads."""

    count: int = 0

    def add(self, source: str) -> None:
        """Raises ``JobFailed`` (invalid_form_definition) at the tenth overrun; no retry helps."""
        self.count += 1
        if self.count >= _MAX_OVERRUNS:
            raise invalid_form(f"the pattern {source[:100]!r} takes too long to check; make it simpler")


class BoundedPattern:
    """A JavaScript pattern whose processor time is limited. May be used by several threads at once."""

    def __init__(self, source: str, flags: str) -> None:
        self.source, self.flags = source, flags
        self._idle: list[_Helper] = []
        self._lock = threading.Lock()
        # Runs at the interpreter's exit, too, so that no helper process is left.
        weakref.finalize(self, _close_all, self._idle)

    def found(self, texts: pl.Series, overruns: Overruns) -> pl.Series:
        """Whether the pattern is found anywhere in each text (Boolean). A text that could not be decided in time counts
        as not found.

        ``texts`` must not hold nulls. Raises ``JobFailed`` after too many overruns, ``TransientError`` (a retry may
        help) when the helper process could not do its work.
        """
        return for_each_distinct(texts, lambda distinct: self._decide(distinct, overruns), pl.Boolean)

    def _decide(self, texts: Sequence[str], overruns: Overruns) -> list[bool]:
        decided: list[bool] = []
        while len(decided) < len(texts):
            batch = _batch(texts, len(decided))
            with self._helper() as helper:
                answers = helper.decide(batch)
            decided += answers
            if len(answers) < len(batch):
                decided.append(False)
                overruns.add(self.source)
        return decided

    @contextlib.contextmanager
    def _helper(self) -> "Iterator[_Helper]":
        with self._lock:
            helper = self._idle.pop() if self._idle else None
        helper = helper or _Helper(self.source, self.flags)
        try:
            yield helper
        except BaseException:
            helper.close()
            raise
        if helper.usable:
            with self._lock:
                self._idle.append(helper)
        else:
            helper.close()


class _Helper:
    """A running helper process. Used by one thread at a time."""

    def __init__(self, source: str, flags: str) -> None:
        """Raises ``TransientError`` when the process does not start."""
        self.usable = True
        try:
            self._process = subprocess.Popen(
                # -P: otherwise Python would import a user's json.py from the current folder.
                [sys.executable, "-P", "-m", "import_worker.forms.rules.pattern_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                # The helper gets neither the worker's secrets nor its terminal's signals. Sockets are never inherited.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
        except OSError as error:
            raise TransientError(f"The helper process for patterns did not start: {error}.") from error
        ready = b""
        try:
            self._send([source, flags, _BATCH_SECONDS])
            ready = self._receive(1)
        finally:
            if not ready:
                self.close()
        if not ready:
            raise TransientError("The helper process for patterns did not start.")

    def decide(self, texts: Sequence[str]) -> list[bool]:
        """An answer per text, or fewer if time or memory ran out at the next text; the helper is then not usable again.

        Raises ``TransientError`` when the process ended for another reason.
        """
        self._send(texts)
        answers = self._receive(len(texts))
        self.usable = len(answers) == len(texts)
        if not self.usable and self._end() not in _RAN_OUT:
            raise TransientError("The helper process for patterns was stopped from outside.")
        return [answer == ord("1") for answer in answers]

    def close(self) -> None:
        """Kill and reap."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def _end(self) -> int | None:
        """The exit status of the process, which has closed its output; ``None`` if it does not end within a second."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(1)
        return None

    def _send(self, message: object) -> None:
        # If the process has died, its missing answers show it.
        with contextlib.suppress(BrokenPipeError):
            if self._process.stdin:
                view = memoryview(json.dumps(message).encode() + b"\n")
                while view:
                    view = view[self._process.stdin.write(view) or 0 :]

    def _receive(self, count: int) -> bytes:
        """Receives ``count`` bytes, or fewer if the process ended or the time limit passed before."""
        received, until = b"", time.monotonic() + _ANSWER_TIMEOUT_SECONDS
        if stdout := self._process.stdout:
            output = select.poll()  # select() knows no descriptors beyond 1,023
            output.register(stdout, select.POLLIN)
            while len(received) < count and output.poll(max(0.0, until - time.monotonic()) * 1_000):
                part = os.read(stdout.fileno(), count - len(received))
                if not part:
                    break
                received += part
        return received


def _batch(texts: Sequence[str], start: int) -> Sequence[str]:
    end, size = start, 0
    while end < len(texts) and end - start < _BATCH_TEXTS and (end == start or size < _BATCH_CHARACTERS):
        size += len(texts[end])
        end += 1
    return texts[start:end]


def _close_all(helpers: list[_Helper]) -> None:
    while helpers:
        helpers.pop().close()
