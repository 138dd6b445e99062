"""Builds the image of ``infra/Dockerfile`` without docker: runs its own steps in a clean folder that represents its
root.

The program in it is started as ECS starts it. It has none of this project's environment: no HOME, no writable folder
but /tmp, another user if the tests may change users, and only the settings that it is given.
"""

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.dockerfile import Stage, assemble, build, parse

ROOT = Path(__file__).parents[2]
BUILD, IMAGE = parse((ROOT / "infra" / "Dockerfile").read_text(encoding="utf-8"))
INSTALLED = "/opt/import-worker"


@dataclass(frozen=True)
class Image:
    """``root`` represents ``/``, ``tmp`` the volume at /tmp. ``user`` is None if the tests may not change users.

    ``layers`` are what the second stage copies: for each folder of the first stage, the bytes of its files.
    """

    root: Path
    python_path: str
    user: int | None
    layers: dict[str, dict[str, int]]

    @property
    def tmp(self) -> Path:
        return self.root.parent / "tmp"

    @property
    def packages(self) -> Path:
        (folder,) = self.root.glob(f"{INSTALLED[1:]}/lib/python3.*/site-packages")
        return folder

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

    def run(self, *command: str, settings: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Runs the program to its end: exit code, stdout, stderr."""
        with self.start(list(command), settings) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def python(self, code: str) -> str:
        """Runs Python code with the image's interpreter and returns its output; warnings are errors."""
        command = [f"{self.root}{INSTALLED}/bin/python", "-W", "error", "-c", code]
        done = subprocess.run(
            command, env=self.environment(), user=self.user, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def as_this_user(self) -> "Image":
        return replace(self, user=None)


@contextmanager
def build_image() -> Iterator[Image]:
    """The image; building takes about twenty seconds, and the registry."""
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
        build(_on_this_machine(BUILD), ROOT, root, ["/build", "/layers", INSTALLED], kept | {"PATH": path})
        layers = assemble(IMAGE, BUILD, root)
        shutil.rmtree(root / "build")  # the second stage does not copy it
        _set_writable(root, writable=False)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        yield Image(root, "/usr/bin:/bin", _another_user(root), layers)
        _set_writable(root, writable=True)


def _on_this_machine(stage: Stage) -> Stage:
    """Without the step that strips symbols where this machine has no strip: a test installs nothing on it. The image is
    then 70 MiB larger, and still within its bound."""
    if shutil.which("strip"):
        return stage
    return replace(stage, instructions=[entry for entry in stage.instructions if "strip" not in entry.argument])


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
