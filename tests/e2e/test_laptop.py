"""A laptop with nothing but Python: no database, no bucket, no setting."""

import json
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from tests.support.cli import Cli
from tests.support.host import SIMPLE_FORM


@pytest.fixture
def laptop(tmp_path: Path) -> Cli:
    return Cli({"SIN_IMPORT_HOME": str(tmp_path / "home")})


def test_the_demo_tells_its_whole_story(laptop: Cli, tmp_path: Path) -> None:
    result = laptop("demo", "--rows", 3_000)
    assert result.code == 0, result.err
    assert result.err == ""
    assert "of 3,000 rows imported in" in result.out
    for part in ("rows/s", "rejected", "birth_date", "errors.csv", "rejected.csv", "import-worker psql -c"):
        assert part in result.out
    assert _servers(tmp_path) == []

    command = next(line for line in result.out.splitlines() if "psql -c" in line)
    shown = laptop("psql", "-At", "-c", command.split('"')[1])
    assert shown.code == 0, shown.err
    payloads = [json.loads(line) for line in shown.out.splitlines()]
    assert len(payloads) == 3
    assert all(payload["consent"] is True for payload in payloads)


def test_a_file_of_ones_own_needs_no_other_set_up(laptop: Cli, tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(json.dumps(SIMPLE_FORM))
    (tmp_path / "people.csv").write_text("NAME, e_mail,Shoe size,Age\nAda,ada@example.org,38,36\n,nobody,40,x\n")
    result = laptop("submit", tmp_path / "people.csv", "--form", tmp_path / "form.json", "--run")
    assert result.code == 0, result.err
    matched = {tuple(line.split(maxsplit=1)) for line in result.out.splitlines()[2:6]}
    assert {("NAME", "name"), ("e_mail", "email"), ("Age", "age")} <= {(a, b.strip()) for a, b in matched}
    assert "1 of 2 rows imported" in result.out

    listed = laptop("list", "--json").json["jobs"]
    assert [job["status"] for job in listed] == ["completed"]
    job_id = listed[0]["jobId"]
    assert job_id == str(UUID(job_id))
    assert job_id in laptop("list").out

    status = laptop("status", job_id, "--json").json
    assert (status["status"], status["stats"]["rows_succeeded"], status["stats"]["rows_failed"]) == ("completed", 1, 1)
    assert status["plan"]["mapping"] == {"NAME": "name", " e_mail": "email", "Age": "age"}
    assert "completed" in laptop("status", job_id, "--watch").out

    errors = laptop("errors", job_id, "--json").json
    assert {(row["fieldKey"], row["errorType"]) for row in errors["summary"]} == {
        ("name", "required"),
        ("age", "invalid_number"),
        ("email", "invalid_email"),
    }
    only = laptop("errors", job_id, "--field", "age", "--limit", 1, "--json").json["errors"]
    assert only == [
        {
            "rowNumber": 2,
            "line": 3,
            "fieldKey": "age",
            "column": "Age",
            "errorType": "invalid_number",
            "errorMessage": "Not a number",
            "rawValue": "x",
        }
    ]
    assert "Not a number" in laptop("errors", job_id).out


def test_a_server_left_behind_by_a_kill_is_used_again_and_stopped(laptop: Cli, tmp_path: Path) -> None:
    with laptop.start("demo", "--rows", 200_000) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.strip().startswith("job "):
                job_id = line.split()[1]
                break
        demo.kill()
    assert len(_servers(tmp_path)) == 1
    result = laptop("run", "--job-id", job_id, "--json")
    assert result.code == 0, result.err
    assert result.json["stats"]["rows_processed"] == 200_000
    assert _servers(tmp_path) == []


def _servers(folder: Path) -> list[int]:
    """Ids of PostgreSQL servers whose data lie below the folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        command = process.info["cmdline"] or []
        if process.info["name"] == "postgres" and any(str(folder) in part for part in command):
            found.append(process.pid)
    return found
