"""A real PostgreSQL for one test process, and a fresh database for each test, cloned from a template."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from import_worker.database.connection import connect
from import_worker.database.migrate import migrate
from import_worker.local.embedded import embedded_postgres
from import_worker.local.standalone import ensure_local_tenant
from tests.support.host_tables import build_host_tables

_FOLDER = Path(__file__).parents[2] / ".tools" / "test-postgres"
_TEMPLATE = "template_solstice"


def _url(server_url: str, database: str) -> str:
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"/{database}"))


class Server:
    """One server; ``fresh_database`` costs about 50 ms, and has the host's tables as the host itself makes them."""

    def __init__(self, url: str) -> None:
        self.url = url
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_TEMPLATE)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        with connect(_url(url, _TEMPLATE)) as connection:
            build_host_tables(connection)
            ensure_local_tenant(connection)
            migrate(connection)

    @contextmanager
    def fresh_database(self, *, empty: bool = False) -> Iterator[str]:
        name = f"test_{uuid4().hex[:12]}"
        template = "template0" if empty else _TEMPLATE
        with self._admin() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        try:
            yield _url(self.url, name)
        finally:
            with self._admin() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


@contextmanager
def server() -> Iterator[Server]:
    """The server of this test process. A folder that a killed run left behind is thrown away with its server."""
    folder = _FOLDER.with_name(f"{_FOLDER.name}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    _stop_leftover(folder)
    shutil.rmtree(folder, ignore_errors=True)
    with embedded_postgres(folder) as url:
        yield Server(url)
    shutil.rmtree(folder, ignore_errors=True)


def _stop_leftover(folder: Path) -> None:
    """Stops, by the id it wrote down itself, a server that a killed run left running."""
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text().split("\n", 1)[0])
    if psutil.pid_exists(pid) and str(folder) in " ".join(psutil.Process(pid).cmdline()):
        process = psutil.Process(pid)
        process.terminate()
        process.wait(30)
