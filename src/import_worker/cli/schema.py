"""``init`` and ``psql``: make the worker's schema, and open the database."""

import os
import shutil
import subprocess
from typing import Annotated

import psycopg.conninfo
import typer

from import_worker.cli.setup import load_settings
from import_worker.cli.tables import stdout
from import_worker.database.migrate import list_migrations
from import_worker.local.embedded import psql_path
from import_worker.wiring.application import application, initialize


def init(
    context: typer.Context,
    standalone: Annotated[
        bool,
        typer.Option("--standalone", help="Also create the host application's tables where they do not exist."),
    ] = False,
) -> None:
    """Create or upgrade the worker's own schema."""
    with application(load_settings(context)) as app:
        applied = initialize(app.database_url, standalone=standalone)
    for name in applied:
        print(f"applied {name}")
    if standalone:
        print("host tables are there")
    stdout().print(f"schema import_worker is up to date ({len(list_migrations())} migrations)")


def psql(context: typer.Context) -> None:
    """Open psql on the worker's database, the embedded one too; arguments go to psql."""
    with application(load_settings(context)) as app:
        parts = psycopg.conninfo.conninfo_to_dict(app.database_url)
        password = parts.pop("password", None)
        program = str(psql_path()) if app.embedded else shutil.which("psql") or str(psql_path())
        # The password travels in the environment, not in a command line that others can list.
        secret = {"PGPASSWORD": str(password)} if password else {}
        target = psycopg.conninfo.make_conninfo("", **parts)
        result = subprocess.run([program, "-d", target, *context.args], env=os.environ | secret, check=False)
    raise typer.Exit(result.returncode)
