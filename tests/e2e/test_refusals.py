"""Calls that are refused: the exit code says whose turn it is, and the sentence what to do."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.corpus.workbooks import write_sheets
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.postgres import Server


@pytest.mark.parametrize(
    ("status", "says"), [("cancelled", "import-worker retry"), ("rolled_back", "submit the file again")]
)
def test_an_ended_job_may_not_run(status: str, says: str, cli: Cli, host: Host) -> None:
    job_id = host.job()
    host.query("UPDATE import_jobs SET status = %s WHERE id = %s", status, job_id)
    result = cli("run", "--job-id", job_id)
    assert result.code == 5
    assert says in result.err


def test_an_unknown_job_may_not_run(cli: Cli) -> None:
    result = cli("run", "--job-id", uuid4())
    assert result.code == 5
    assert "There is no import job" in result.err


def test_a_job_of_the_other_lane_may_not_run(cli: Cli, host: Host) -> None:
    result = cli("run", "--job-id", host.job(lane="interactive"))
    assert result.code == 5
    assert "lane" in result.err


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["run"], {}, "Name the job"),
        (["run", "--job-id", "7"], {}, "is not a job id"),
        (["run", "--job"], {}, "No such option"),
        (["nonsense"], {}, "No such command"),
        (["status"], {}, "Missing argument"),
        (["list", "--status", "done"], {}, "There is no status 'done'"),
        (["run"], {"SST_EVENT": "{"}, "SST_EVENT is not JSON"),
        (
            ["run"],
            {"SST_EVENT": '{"detail": {"jobId": "7", "options": {"delimeter": ";"}}}'},
            "no job option 'delimeter'",
        ),
        (["submit", "file.csv"], {}, "--form FORM.json or --form-id ID"),
        (["submit", "missing.csv", "--form", "form.json"], {}, "There is no file missing.csv"),
        (["submit", __file__, "--form", "missing.json"], {}, "There is no form file missing.json"),
        (["submit", __file__, "--form", __file__], {}, "is not JSON"),
        (["submit", __file__, "--form-id", "7"], {}, "--form-id is '7'"),
        (["submit", __file__, "--form-id", "7", "--option", "x"], {}, "write KEY=VALUE"),
        (["submit", __file__, "--form-id", "7", "--option", "header_row=0"], {}, "'header_row' is wrong"),
        (["submit", __file__, "--form-id", "7", "--option", "sheet=\udcff"], {}, "bytes that are no text"),
        (["errors", str(uuid4()), "--field", "\udcff"], {}, "bytes that are no text"),
        (["list"], {"DatabaseUrl": "", "SIN_IMPORT_HOME": "/proc/nohome"}, "set SIN_IMPORT_HOME to another one"),
        (["run", "--job-id", str(uuid4())], {"SIN_ARTIFACTS_BUCKET": "file://folder/x"}, "must be a bucket name"),
        (["dispatch", "--pending-after", "1e400"], {}, "less than or equal to 315360000"),
        (["list"], {"SIN_IMPORT_CHUNK_BYTES": "7"}, "SIN_IMPORT_CHUNK_BYTES is wrong"),
        (["list"], {"DatabaseUrl": "mysql://here"}, "is not a PostgreSQL URL"),
        (["run", "--job-id", str(uuid4())], {"SIN_ARTIFACTS_BUCKET": "ftp://here"}, "must be a bucket name"),
        (["list"], {"NODE_ENV": "production", "DatabaseUrl": ""}, "DatabaseUrl is not set"),
        (["run", "--job-id", str(uuid4())], {"NODE_ENV": "production", "SIN_ARTIFACTS_BUCKET": ""}, "is not set"),
    ],
)
def test_wrong_calls_exit_2_with_one_sentence(
    arguments: list[str], environment: dict[str, str], says: str, cli: Cli
) -> None:
    result = cli(*arguments, **environment)
    assert result.code == 2, (result.out, result.err)
    assert says in " ".join(result.err.split())
    assert "Traceback" not in result.err
    assert result.out == ""


@pytest.mark.parametrize("command", [["run", "--job-id"], ["retry"]])
@pytest.mark.parametrize("status", ["pending", "failed"])
def test_a_job_does_not_fail_because_nobody_said_where_its_file_is(
    status: str, command: list[str], cli: Cli, host: Host
) -> None:
    """With a database of its own and no bucket, files are looked for in a folder that nobody named."""
    job_id = host.job()
    host.query("UPDATE import_jobs SET status = %s WHERE id = %s", status, job_id)
    retry = ["--retry"] if command[0] == "run" and status == "failed" else []
    result = cli(*command, job_id, *retry, SIN_ARTIFACTS_BUCKET="")
    assert result.code == 2
    assert "because SIN_ARTIFACTS_BUCKET is not set" in result.err
    assert host.job_row(job_id)["status"] == status
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 0
    assert cli(*command, job_id, *retry).code == 0


def test_white_space_round_the_database_url_does_no_harm(cli: Cli, database_url: str) -> None:
    assert cli("list", DatabaseUrl=f" {database_url}\n").code == 0


def test_a_database_that_does_not_answer_exits_1(cli: Cli, tmp_path: Path) -> None:
    result = cli("list", DatabaseUrl=f"postgresql://someone:secret@/nowhere?host={tmp_path}")
    assert result.code == 1
    assert "PostgreSQL does not answer" in result.err
    assert "secret" not in result.err + result.out


def test_a_database_without_the_schema_says_to_run_init(postgres: Server, cli: Cli) -> None:
    with postgres.fresh_database(empty=True) as url:
        result = cli("list", DatabaseUrl=url)
        assert result.code == 2
        assert "import-worker init" in result.err

        assert cli("init", "--standalone", DatabaseUrl=url).code == 0
        again = cli("init", "--standalone", DatabaseUrl=url)
        assert again.code == 0
        assert "applied" not in again.out
        assert cli("list", DatabaseUrl=url).out.startswith("no jobs")


def test_the_errors_of_a_job_without_any_say_why_there_are_none(cli: Cli, host: Host) -> None:
    pending, failed = host.job(), host.job(b"colour,size\nred,3\n")
    assert cli("run", "--job-id", failed).code == 3
    assert cli("errors", pending).out == "no errors of rows; the job is pending\n"
    assert cli("errors", failed).out.startswith("no errors of rows; the job is failed: No header of the file matches")
    document = cli("errors", failed, "--json").json
    assert (document["status"], document["errors"]) == ("failed", [])
    assert "add a row of headers" in document["lastError"]


def test_a_workbook_that_begins_with_another_sheet_names_the_sheets(cli: Cli, host: Host, tmp_path: Path) -> None:
    path = write_sheets("xlsx", {"Cover": [["Report"], ["2026"]], "Data": [["name"], ["Ada"]]}, tmp_path / "w")
    job_id = host.job(path.read_bytes())
    result = cli("run", "--job-id", job_id)
    assert result.code == 3
    assert "This is the sheet 'Cover'; name another one with the option sheet: 'Data'." in result.err
