"""The program as a person or a container starts it: its own process, its own environment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 100


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError(f"no JSON document; exit code {self.code}, {self.out!r}, {self.err!r}") from None


@dataclass
class Cli:
    """Runs ``python -m import_worker`` with nothing of the caller's environment but what it needs to start."""

    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, **environment: str) -> Result:
        """Runs the program to its end."""
        process = self._popen(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"still running after {TIMEOUT_SECONDS} s\n{out}\n{err}") from None
        return Result(process.returncode, out, err)

    @contextmanager
    def start(self, *arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """The running program, which is killed if it is still there when the context ends."""
        process = self._popen(*arguments, **environment)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def _popen(self, *arguments: object, **environment: str) -> "subprocess.Popen[str]":
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "import_worker", *map(str, arguments)],
            env=kept | self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
