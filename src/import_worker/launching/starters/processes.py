"""Workers as processes of this machine, for a laptop or a pod."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from import_worker.launching.starters import EndedWorker, Order, Purpose, StarterUnavailable

STOP_SECONDS = 15.0
"""How long a worker may take to stop before it is killed; it should take ten seconds at most."""
_JOB_VARIABLES = ("SIN_IMPORT_JOB_ID", "SST_EVENT")
"""Variables that name the job to run: each worker is given its own, and inherits none."""


@dataclass(frozen=True)
class _Worker:
    job_id: UUID
    purpose: Purpose
    process: "subprocess.Popen[bytes]"


class Processes:
    """Each worker leads a process group of its own, so that a Ctrl-C meant for its parent does not reach it twice."""

    watches = True

    def __init__(self, limit: int, program: Sequence[str] = (sys.executable, "-P", "-m", "import_worker")) -> None:
        """``-P``: no module is taken from the current folder."""
        self.limit = limit
        self._program = tuple(program)
        self._workers: dict[str, _Worker] = {}

    def room(self) -> int:
        return max(0, self.limit - len(self._workers))

    def start(self, order: Order) -> str:
        inherited = {name: value for name, value in os.environ.items() if name not in _JOB_VARIABLES}
        try:
            process = subprocess.Popen(
                [*self._program, *order.command],
                env=inherited | order.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise StarterUnavailable(f"The worker's process could not be started ({error.strerror}).") from None
        handle = f"process {process.pid}"
        self._workers[handle] = _Worker(order.job_id, order.purpose, process)
        return handle

    def running(self, job_id: UUID, purpose: Purpose = Purpose.IMPORT) -> int:
        return sum((worker.job_id, worker.purpose) == (job_id, purpose) for worker in self._workers.values())

    def ended(self) -> list[EndedWorker]:
        return [
            self._forget(handle) for handle, worker in list(self._workers.items()) if worker.process.poll() is not None
        ]

    def stop(self) -> list[EndedWorker]:
        for worker in self._workers.values():
            worker.process.terminate()
        deadline = monotonic() + STOP_SECONDS
        for worker in self._workers.values():
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(0.0, deadline - monotonic()))
            if worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()
        return [self._forget(handle) for handle in list(self._workers)]

    def _forget(self, handle: str) -> EndedWorker:
        worker = self._workers.pop(handle)
        code = worker.process.returncode
        if code < 0:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.process.pid, signal.SIGKILL)  # its child processes, which it could not end itself
        return EndedWorker(handle, worker.job_id, f"{socket.gethostname()}:{worker.process.pid}", code)
