"""The steps of the Dockerfile, run in a clean folder, and the program that comes out of them, started as ECS starts it.

The folder stands for the image's root. The program then has none of this project's environment: no HOME, no writable
folder but /tmp, another user where the tests may change users, S3 over HTTP, and the task definition's own settings.
"""

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.dockerfile import build, parse
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.proxy import proxy_to, unix_socket
from tests.support.stack import deploy

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[2]
BUILD, IMAGE = parse((ROOT / "infra" / "Dockerfile").read_text(encoding="utf-8"))
INSTALLED = "/opt/import-worker"
STOP_SECONDS = 15


@dataclass(frozen=True)
class Image:
    """``root`` stands for ``/``; ``tmp`` for the volume at /tmp. ``user`` is None where the tests may not change it."""

    root: Path
    python_path: str
    user: int | None

    @property
    def tmp(self) -> Path:
        return self.root.parent / "tmp"

    def environment(self) -> dict[str, str]:
        environment = IMAGE.environment(self.python_path)
        return {name: value.replace(INSTALLED, f"{self.root}{INSTALLED}") for name, value in environment.items()} | {
            "TMPDIR": str(self.tmp)
        }

    @contextmanager
    def start(
        self, command: list[str], settings: dict[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> Iterator["subprocess.Popen[str]"]:
        environment = self.environment() | (settings or {})
        program = shutil.which(IMAGE.list_of("ENTRYPOINT")[0], path=environment["PATH"])
        assert program is not None
        assert program.startswith(str(self.root)), "the image's own program, not one of this machine"
        process = subprocess.Popen(
            [*prefix, program, *command],
            cwd=self.root,
            env=environment,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    # Not below pytest's folder, into which other users may not look.
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        base = folder / "base"
        base.mkdir()
        # The base image's `python` is an interpreter of its own, not a virtual environment.
        interpreter = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        assert interpreter.exists()
        (base / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(str(interpreter))} "$@"\n')
        (base / "python").chmod(0o755)
        root = folder / "root"
        root.mkdir()
        path = f"{base}:{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        build(BUILD, ROOT, root, ["/build", INSTALLED], kept | {"PATH": path})
        shutil.rmtree(root / "build")  # the second stage copies one folder, and this one is not it
        _set_writable(root, writable=False)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        yield Image(root, "/usr/bin:/bin", _another_user(root))
        _set_writable(root, writable=True)


def _set_writable(folder: Path, *, writable: bool) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IWUSR if writable else mode & ~0o222)


def _another_user(root: Path) -> int | None:
    """The image's user, where this process may become it and it can read this machine's Python."""
    user = int(IMAGE.last("USER").partition(":")[0])
    if os.geteuid() != 0:
        return None
    python = f"{root}{INSTALLED}/bin/python"
    try:
        done = subprocess.run([python, "-c", ""], user=user, env={}, capture_output=True, check=False)
    except PermissionError:  # it leads into a folder that only its owner may enter
        return None
    return user if done.returncode == 0 else None


def _listing(root: Path) -> dict[str, tuple[int, float]]:
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime) for path in root.rglob("*")}


def test_the_second_stage_takes_what_the_first_made(image: Image) -> None:
    copies = [entry.argument for entry in IMAGE.instructions if entry.name == "COPY"]
    assert copies == [f"--from={BUILD.name} {INSTALLED} {INSTALLED}"]
    assert not (image.root / INSTALLED[1:] / "bin" / "pip").exists()


def test_it_was_compiled_when_it_was_built(image: Image) -> None:
    (package,) = image.root.glob(f"{INSTALLED[1:]}/lib/python3.*/site-packages/import_worker")
    sources = {path.stem for path in package.glob("*.py")}
    compiled = {path.name.split(".")[0] for path in package.glob("__pycache__/*.pyc")}
    assert sources == compiled


def test_without_a_command_it_shows_its_help(image: Image) -> None:
    with image.start(IMAGE.list_of("CMD")) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "dispatch" in out or "run" in out


def _task_settings() -> tuple[list[str], dict[str, str]]:
    """Command and environment of the deployed worker task."""
    stack = deploy()
    (container,) = stack.resolver.properties("WorkerTaskDefinition")["ContainerDefinitions"]
    return container["Command"], {entry["Name"]: entry["Value"] for entry in container["Environment"]}


@pytest.fixture(scope="module")
def task() -> Iterator[tuple[list[str], dict[str, str]]]:
    """What ECS would give the container, with S3 and SQS on loopback."""
    with aws() as environment:
        make_bucket("artifacts")
        command, settings = _task_settings()
        yield command, environment | settings


@pytest.fixture
def over_tcp(database_url: str) -> Iterator[str]:
    """The database over TCP, as another user reaches it, too."""
    parts = urlsplit(database_url)
    with proxy_to(unix_socket(parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432")) as proxy:
        yield f"postgresql://postgres@127.0.0.1:{proxy.port}{parts.path}"


def test_an_import_runs_in_it_and_writes_nothing_but_to_tmp(
    image: Image, task: tuple[list[str], dict[str, str]], database_url: str, over_tcp: str
) -> None:
    command, settings = task
    before = _listing(image.root)
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = host.job(b"".join(registry(500, bad_share=0.1)), form_id=host.form(FORM))
        given = {"DatabaseUrl": over_tcp, "BetterAuthSecret": "unused", "SIN_IMPORT_JOB_ID": str(job_id)}
        with image.start(command, settings | given) as process:
            out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        row = host.job_row(job_id)
        assert row["status"] == "completed"
        assert row["stats"]["rows_processed"] == 500
        assert host.read(row["error_report_key"]).startswith("rowNumber,")
    assert _listing(image.root) == before
    assert list(image.tmp.iterdir()) == []


def test_without_its_settings_it_says_what_is_missing(image: Image) -> None:
    with image.start(["run", "--job-id", str(uuid4())], {"NODE_ENV": "production"}) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "DatabaseUrl is not set" in err
    assert "Traceback" not in err


def _may_make_a_process_one() -> bool:
    unshare = ["unshare", "--pid", "--fork", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(unshare, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _may_make_a_process_one(), reason="a process 1 takes root and unshare")
def test_as_process_one_it_stops_when_told(
    image: Image, task: tuple[list[str], dict[str, str]], database_url: str, over_tcp: str
) -> None:
    command, settings = task
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = host.job(b"".join(registry(500)), form_id=host.form(FORM))
        given = {"DatabaseUrl": over_tcp, "SIN_IMPORT_JOB_ID": str(job_id)}
        as_root = Image(image.root, image.python_path, None)
        with (
            paused(database_url, "import_worker.chunks", "UPDATE") as pause,
            as_root.start(command, settings | given, ("unshare", "--pid", "--fork", "--kill-child")) as process,
        ):
            pause.wait_until_reached()
            (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(child), 15)
            out, err = process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == 4, out + err
        assert host.events(job_id)[-1] == "interrupted"
