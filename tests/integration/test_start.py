"""What the commands that answer at once load, and nothing else; and that they say what they said when all was there."""

import os
from pathlib import Path
from uuid import UUID

import pytest
import typer.main

from import_worker.cli.app import app
from import_worker.cli.commands import COMMANDS
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.loaded_modules import LoadedModules, list_loaded

TYPER = {"typer", "annotated_doc", "shellingham"}
PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_inspection", "typing_extensions"}
"""Settings are read with it, and typer reads the options before a command with it."""
PSYCOPG = {"psycopg", "psycopg_binary"}
DATABASE = TYPER | PYDANTIC | PSYCOPG | {"platformdirs"}
RICH = {"rich"}
IMPORT = {"polars", "_polars_runtime_32", "pyarrow", "numpy", "obstore", "stamina", "tenacity"}
LOGS = {"structlog", "attr", "pygments", "rich"}
FIELD_TYPES = {"nh3", "phonenumbers", "regress"}
"""A form may have any type of field, and its types are not known before it is read."""

ENVIRONMENT = {"PATH": os.environ["PATH"]}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--help"], TYPER),
        (["--version"], TYPER),
        ([], TYPER),
        (["lst"], TYPER | PYDANTIC),
        (["--unknown"], TYPER | PYDANTIC),
        (["list", "--unknown"], DATABASE),
        (["status"], DATABASE),
        (["list", "--status", "odd"], DATABASE),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_what_needs_no_database(tmp_path: Path, arguments: list[str], allowed: set[str]) -> None:
    _expect(list_loaded(tmp_path, ENVIRONMENT, *arguments), allowed)


def test_help_loads_no_command(tmp_path: Path) -> None:
    commands = {f"import_worker.cli.{entry.module}" for entry in COMMANDS.values()}
    assert not commands & list_loaded(tmp_path, ENVIRONMENT, "--help").modules
    loaded = list_loaded(tmp_path, ENVIRONMENT, "list", "--help")
    assert commands & loaded.modules == {"import_worker.cli.list"}


@pytest.fixture
def job(cli: Cli, host: Host) -> UUID:
    """A job that has ended, with an error."""
    job_id = host.job(b"Name,Age,E-mail\nAnn,31,ann@example.org\nBo,many,bo@example.org\n")
    assert cli("run", "--job-id", job_id).code == 0
    return job_id


def test_looking_at_jobs(tmp_path: Path, cli: Cli, job: UUID) -> None:
    environment = _environment(cli)
    for arguments, allowed, shown in (
        (["list"], DATABASE | RICH, str(job)),
        (["status", job], DATABASE | RICH, "errors.csv"),
        (["list", "--json"], DATABASE, str(job)),
        (["status", job, "--json"], DATABASE, str(job)),
    ):
        loaded = list_loaded(tmp_path, environment, *arguments)
        assert (loaded.code, shown in loaded.out) == (0, True), loaded.err
        _expect(loaded, allowed)


def test_importing_a_small_file(tmp_path: Path, cli: Cli, host: Host) -> None:
    """What other files need (workbooks, compression, old encodings) and other places (AWS, a queue, an embedded server)
    is not loaded for a file of UTF-8 in a folder."""
    job_id = host.job(b"Name,Age,E-mail\nAnn,31,ann@example.org\n")
    loaded = list_loaded(tmp_path, _environment(cli), "run", "--job-id", job_id)
    assert loaded.code == 0, loaded.err
    _expect(loaded, DATABASE | IMPORT | LOGS | FIELD_TYPES)
    assert not {name for name in loaded.modules if "embedded" in name or name.startswith("import_worker.launching.s")}


def test_an_unknown_job_in_production_is_a_line_of_the_log(tmp_path: Path, cli: Cli) -> None:
    """Logs that are set up late are set up all the same."""
    job_id = UUID(int=7)
    loaded = list_loaded(tmp_path, _environment(cli) | {"NODE_ENV": "production"}, "status", job_id)
    assert loaded.code == 5
    (line,) = loaded.err.splitlines()
    assert line.startswith('{"event": "There is no import job 00000000-')
    assert '"exit_code": 5' in line


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_line_is_its_help(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert (command.name, command.help) == (name, COMMANDS[name].help)


def _environment(cli: Cli) -> dict[str, str]:
    return ENVIRONMENT | cli.environment


def _expect(loaded: LoadedModules, allowed: set[str]) -> None:
    assert "typer" in loaded.libraries  # or nothing was measured
    assert loaded.libraries <= allowed, f"loaded without need: {sorted(loaded.libraries - allowed)}"
