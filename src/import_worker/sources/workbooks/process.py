"""The helper process that reads one sheet of a workbook: ``python -m import_worker.sources.workbooks.process``.

Standard input: a JSON line ``[path, sheet or null]``. Standard output: messages, as ``messages`` describes them.

The process limits its own memory and processor time, because a workbook can be made to take any amount of both. It ends
when its input does, so it never outlives the worker.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import psutil

from import_worker.errors import JobFailed
from import_worker.sources.workbooks.budget import Budget
from import_worker.sources.workbooks.kinds import open_workbook
from import_worker.sources.workbooks.messages import HEAD
from import_worker.sources.workbooks.records import blocks
from import_worker.sources.workbooks.refusals import damaged, empty, limit
from import_worker.sources.workbooks.sheets import Sheet, quoted

# Three million texts of 20 characters take 90 MiB, and a sheet of the maximal size full of different texts takes 400.
# The first limit is checked after each MiB. At the second, allocations fail, which not every library handles well.
_SOFT_MEMORY_BYTES, _HARD_MEMORY_BYTES = 896 << 20, 1 << 30
# A MiB takes a tenth of a second; an xls workbook is read whole before there is any progress, in up to a minute.
_STEP_SECONDS = 90.0
_BASE_SECONDS, _SECONDS_PER_MIB = 120, 60


class Messages:
    """Writes messages. Each counts as progress: ``step_seconds`` of processor time without a message kill the
    process."""

    def __init__(self, output: BinaryIO, step_seconds: float | None = None) -> None:
        self._output, self._step_seconds = output, step_seconds
        self._process = psutil.Process()

    def send(self, kind: bytes, body: bytes = b"") -> None:
        view = memoryview(HEAD.pack(kind, len(body)) + body)
        while view:
            view = view[self._output.write(view) or 0 :]
        if self._step_seconds:
            signal.setitimer(signal.ITIMER_PROF, self._step_seconds)

    def progress(self) -> None:
        """Raises MemoryError when the process has become too large."""
        # ru_maxrss would be wrong: a process inherits it from the one that started it.
        if self._step_seconds and self._process.memory_info().rss > _SOFT_MEMORY_BYTES:
            raise MemoryError
        self.send(b"P")


def main(request: BinaryIO, output: BinaryIO) -> None:
    _limit(resource.RLIMIT_AS, _HARD_MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    path, sheet = json.loads(request.readline())
    threading.Thread(target=_end_with, args=(request,), daemon=True).start()
    with contextlib.suppress(OSError):  # ``answer`` reports the error
        _limit(resource.RLIMIT_CPU, _BASE_SECONDS + _SECONDS_PER_MIB * (Path(path).stat().st_size >> 20))
    with contextlib.suppress(BrokenPipeError):  # the worker has stopped reading
        answer(Path(path), sheet, Messages(output, _STEP_SECONDS))


def answer(path: Path, wanted: str | None, messages: Messages) -> None:
    """Sends all messages about one sheet. The last one is D, F or T, whatever error a workbook causes."""
    try:
        _send_sheet(path, wanted, messages)
    except MemoryError:
        failure = limit("The workbook takes too much memory to read; save the sheet as CSV and upload that.")
    except JobFailed as error:
        failure = error
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a library may raise anything over a damaged workbook
        failure = damaged("it does not hold together")
        failure.details["cause"] = ascii(f"{type(error).__name__}: {error}"[:200])[1:-1]
    else:
        return
    messages.send(b"F", json.dumps([failure.reason, str(failure), failure.details]).encode())


def _send_sheet(path: Path, wanted: str | None, messages: Messages) -> None:
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        messages.send(b"T", f"The workbook could not be opened: {error.strerror}.".encode())
        return
    messages.progress()
    budget = Budget(size, messages.progress)
    found = False
    with open_workbook(path, wanted, budget) as (sheet, rows):
        for block in blocks(rows, budget):
            if not found:
                found = True
                messages.send(b"S", json.dumps([sheet.kind, sheet.name, sheet.names]).encode())
            messages.send(b"B", block)
    if not found:
        raise empty(_no_rows(sheet))
    messages.send(b"D")


def _no_rows(sheet: Sheet) -> str:
    others = [name for name in sheet.names if name != sheet.name]
    if not others:
        return f"The sheet {sheet.name!r} has no rows; upload a workbook with a header and rows."
    return f"The sheet {sheet.name!r} has no rows; name another one with the option sheet: {quoted(others)}."


def _limit(what: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # the machine may limit it further already
        resource.setrlimit(what, (value, value))


def _end_with(request: BinaryIO) -> None:
    request.read()
    os._exit(1)


if __name__ == "__main__":
    # Only messages go to the real standard output, so that a library that prints cannot disturb them.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0) as unbuffered:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        main(sys.stdin.buffer, unbuffered)
