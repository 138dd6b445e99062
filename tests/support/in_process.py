"""Runs the program's ``main`` in this process, with its arguments, environment and output, in a tenth of the time of a
new process.

Properties of a process (signals, memory, the exit of a program that hangs) must be tested with ``Cli``.
"""

import contextlib
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.cli import Cli, Result

THREAD_SECONDS = 10


@dataclass
class InProcess:
    """Called as ``Cli`` is. One call at a time: environment, output and signal handlers are the whole process's."""

    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def like(cls, cli: Cli) -> "InProcess":
        return cls(cli.environment)

    def __call__(self, *arguments: object, **environment: str) -> Result:
        """Runs the program to its end. Whatever it raises but SystemExit is a defect, and is raised here."""
        out, err = io.StringIO(), io.StringIO()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        with (
            _replaced(["import-worker", *map(str, arguments)], kept | self.environment | environment),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = _main()
        return Result(code, out.getvalue(), err.getvalue())


def _main() -> int:
    from import_worker.__main__ import main

    before = set(threading.enumerate())
    try:
        main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        if left := set(threading.enumerate()) - before:
            # An exception's traceback keeps objects open; in a process they end with it, here with the traceback.
            gc.collect()
            for thread in left:
                thread.join(THREAD_SECONDS)
                assert not thread.is_alive(), f"outlives the program: {thread.name}"
    return 0


@contextlib.contextmanager
def _replaced(arguments: list[str], environment: dict[str, str]) -> Iterator[None]:
    """With that command line and environment, and afterwards with the old ones and the old signal handlers."""
    old_arguments, old_environment = sys.argv, dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        sys.argv = arguments
        os.environ.clear()
        os.environ.update(environment)
        yield
    finally:
        sys.argv = old_arguments
        os.environ.clear()
        os.environ.update(old_environment)
        for number, handler in handlers.items():
            signal.signal(number, handler)
