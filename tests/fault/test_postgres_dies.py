"""PostgreSQL itself is killed and restarted, alone and while workers die around it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psutil
import psycopg
import pytest

from import_worker.local.embedded import embedded_postgres, psql_path
from import_worker.local.sample import FORM
from import_worker.objects import ObjectStore
from import_worker.wiring.application import initialize
from tests.fault.conftest import FILE, seeds
from tests.support.cli import Cli
from tests.support.end_state import end_state
from tests.support.host import Host


class Mortal:
    """A server of the test's own, which it may kill. The folder is short because a socket's path must be."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self.url = url

    def kill(self) -> None:
        """kill -9 of every process of the server, then a start, which recovers from the log."""
        postmaster = psutil.Process(int((self._folder / "postmaster.pid").read_text().split("\n", 1)[0]))
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with_suppressed_absence(process.kill)
        psutil.wait_procs(processes, timeout=20)
        self._start()

    def _start(self) -> None:
        user = "embedded_postgres" if os.geteuid() == 0 else None
        socket_folder = self.url.rsplit("host=", 1)[1]
        subprocess.run(
            [
                psql_path().with_name("pg_ctl"), "-D", self._folder, "-w", "-l", self._folder / "log",
                "-o", f'-h "" -k {socket_folder}', "start",
            ],
            user=user, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def with_suppressed_absence(action: Any) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return


@contextmanager
def mortal_server(folder: Path) -> Iterator[Mortal]:
    shutil.rmtree(folder, ignore_errors=True)
    with embedded_postgres(folder) as url:
        initialize(url, standalone=True)
        server = Mortal(folder, url)
        try:
            yield server
        finally:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CHECKPOINT")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with mortal_server(Path(__file__).parents[2] / ".tools" / f"mortal-{worker}") as server:
        yield server


@pytest.mark.parametrize("seed", seeds(3))
def test_postgresql_is_killed_in_the_middle(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, artifacts: str, mortal: Mortal
) -> None:
    random = Random(seed)
    with closing(Host(mortal.url, ObjectStore.open(artifacts))) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        with cli.start("run", "--job-id", job_id, DatabaseUrl=mortal.url) as worker:
            time.sleep(random.uniform(1.0, 2.5))
            mortal.kill()
            _, err = worker.communicate(timeout=100)
            assert worker.returncode in (0, 1), err
            assert "Traceback" not in err
        host.close()
        assert cli("run", "--job-id", job_id, DatabaseUrl=mortal.url).code == 0
        assert end_state(host, job_id) == undisturbed


@pytest.mark.parametrize("seed", seeds(1))
def test_four_workers_two_of_them_dying_all_the_time_and_postgresql_twice(
    seed: int, survived: None, undisturbed: dict[str, Any], cli: Cli, artifacts: str, mortal: Mortal
) -> None:
    random = Random(seed)
    environment = {"DatabaseUrl": mortal.url, "SIN_IMPORT_CONNECTIONS": "1", "SIN_IMPORT_MAX_ATTEMPTS": "1000"}
    with closing(Host(mortal.url, ObjectStore.open(artifacts))) as host, ExitStack() as stack:
        job_id = host.job(FILE, form_id=host.form(FORM))
        host.close()

        def start() -> "subprocess.Popen[str]":
            return stack.enter_context(cli.start("run", "--job-id", job_id, **environment))

        steady = [start(), start()]
        mortals = [start(), start()]
        for round_number in range(6):
            time.sleep(random.uniform(0.3, 1.5))
            victim = random.randrange(2)
            mortals[victim].send_signal(signal.SIGKILL)
            mortals[victim] = start()
            if round_number in (2, 4):
                mortal.kill()
        for worker in [*steady, *mortals]:
            _, err = worker.communicate(timeout=100)
            assert worker.returncode in (0, 1), err
        result = cli("run", "--job-id", job_id, **environment)
        assert result.code == 0, result.err
        assert end_state(host, job_id) == undisturbed
