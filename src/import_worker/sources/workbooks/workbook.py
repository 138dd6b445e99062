"""A sheet of a workbook (xlsx, xls, xlsb, ods) as a stream of CSV, read by a helper process.

A separate process is needed because a workbook of a few kilobytes can take any amount of memory and time. The process
(``process``) limits both, can be killed at any moment, and its end becomes a sentence for people.

A cell becomes what a person sees: whole numbers without ``.0``, others with 15 significant digits; percentages and
amounts of money as the plain number; dates ``YYYY-MM-DD``, with a time ``YYYY-MM-DD HH:MM:SS`` rounded to seconds and
without it at midnight, times and durations ``HH:MM:SS``, as the cell's format says; ``TRUE`` and ``FALSE``; text as it
is; a formula as its last computed value; merged cells as the value in the first. Hidden and filtered rows are read like
any others, and a hidden sheet is read if it is named.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from import_worker.errors import FailureReason, JobFailed, TransientError
from import_worker.sources.workbooks.messages import HEAD
from import_worker.sources.workbooks.refusals import damaged, limit
from import_worker.sources.workbooks.sheets import Sheet, WorkbookKind

_CHECK_SECONDS = 0.2
# Only a stopped or starved process takes this long: the process limits its own processor time.
_TIMEOUT_SECONDS = 300.0
_CRASHES = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


@contextlib.contextmanager
def open_sheet(
    path: Path, sheet: str | None, *, checkpoint: Callable[[], None]
) -> Iterator[tuple[Sheet, Iterator[bytes]]]:
    """Yields the sheet named ``sheet`` (``None``: the first visible one) and its rows as CSV in blocks of about a MiB.

    The CSV is UTF-8 with commas, ``"`` only where needed, and LF. Record n is row n of the sheet; a row without any
    value is an empty line. Short rows are padded with empty cells, rows longer than the table is wide stay longer
    (``records.blocks``). A cell that holds an error is ``transcode.ERROR_MARK`` and the error's name; that is not
    UTF-8, nor is a cell with half a surrogate pair. The blocks can be read once, and only within the context; leaving
    it kills the process.

    ``checkpoint`` is called five times a second during waits for the process, and may raise to stop.

    Entering the context and iterating over the blocks raise ``JobFailed`` (unsupported_format, unreadable_file,
    source_file_empty, limit_exceeded; no retry helps), and ``TransientError`` if the file or the process is not
    available (a retry may help). Damage may be noticed only behind the first blocks.
    """
    process = _start()
    messages = _Messages(process, checkpoint)
    try:
        messages.ask(path, sheet)
        kind, body = messages.next()
        if kind != b"S":
            raise TransientError("The helper process for workbooks did not begin with a sheet; run the job again.")
        name, chosen, names = json.loads(body)
        yield Sheet(WorkbookKind(name), chosen, tuple(names)), _blocks(messages)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()


def _blocks(messages: "_Messages") -> Iterator[bytes]:
    while True:
        kind, body = messages.next()
        if kind == b"D":
            return
        yield body


class _Messages:
    """Receives the messages of one process, as ``messages`` describes them."""

    def __init__(self, process: subprocess.Popen[bytes], checkpoint: Callable[[], None]) -> None:
        assert process.stdin
        assert process.stdout
        self._process, self._checkpoint = process, checkpoint
        self._input, self._output = process.stdin, process.stdout.fileno()
        self._poll = select.poll()  # select() knows no descriptors beyond 1,023
        self._poll.register(self._output, select.POLLIN)
        self._checked = 0.0

    def ask(self, path: Path, sheet: str | None) -> None:
        # The input stays open, because the process ends when it closes. If the process has died, its missing answers
        # show it.
        with contextlib.suppress(BrokenPipeError):
            self._input.write(json.dumps([str(path.absolute()), sheet]).encode() + b"\n")

    def next(self) -> tuple[bytes, bytes]:
        """The next message that is not progress. Raises the error of a failure message."""
        while True:
            kind, size = HEAD.unpack(self._receive(HEAD.size))
            body = self._receive(size)
            if kind == b"F":
                reason, message, details = json.loads(body)
                raise JobFailed(FailureReason(reason), message, **details)
            if kind == b"T":
                raise TransientError(body.decode())
            if kind != b"P":
                return kind, body

    def _receive(self, count: int) -> bytes:
        received, until = bytearray(), time.monotonic() + _TIMEOUT_SECONDS
        while len(received) < count:
            ready = self._poll.poll(_CHECK_SECONDS * 1_000)
            now = time.monotonic()
            if not ready or now - self._checked >= _CHECK_SECONDS:
                self._checkpoint()
                self._checked = now
            if ready:
                part = os.read(self._output, count - len(received))
                if not part:
                    raise self._ended()
                received += part
                until = now + _TIMEOUT_SECONDS
            elif now > until:
                raise TransientError(
                    f"Reading the workbook made no progress for {_TIMEOUT_SECONDS:.0f} seconds; run the job again."
                )
        return bytes(received)

    def _ended(self) -> Exception:
        """The error that explains why the process ended without a last message."""
        status = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._process.wait(1)
        if status in (-signal.SIGPROF, -signal.SIGXCPU):
            return limit("The workbook takes too long to read for its size; save the sheet as CSV and upload that.")
        if status == -signal.SIGABRT:  # what C and Rust do when they get no memory
            return limit("The workbook takes too much memory to read; save the sheet as CSV and upload that.")
        if status in _CRASHES:
            return damaged("reading it crashes")
        return TransientError(
            f"The helper process for workbooks was stopped from outside (status {status}); run the job again."
        )


def _start() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            # -P: otherwise Python would import a user's csv.py from the current folder.
            [sys.executable, "-P", "-m", "import_worker.sources.workbooks.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # The process gets neither the worker's secrets nor its terminal's signals. One malloc arena: a second would
            # take up to 128 MiB of the address space to which the process limits itself.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,
        )
    except OSError as error:
        raise TransientError(f"The helper process for workbooks did not start: {error}.") from error
