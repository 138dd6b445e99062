"""What a rollback leaves behind: no cell's value; and when it is killed, nothing but a part of its way."""

import csv
import io
import signal

import pytest

from import_worker.local.sample import FORM, registry
from tests.support.audit_chain import broken_links
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.traces import values_left


def test_no_value_of_a_cell_is_left(cli: Cli, host: Host) -> None:
    words = [f"Quillfeather{number}" for number in range(60)]
    lines = [f"{word},{'x' + word if number % 2 else number},{word}@example.org" for number, word in enumerate(words)]
    job_id = host.job(b"name,age,email\n" + "\n".join(lines).encode("utf-16-le").decode("utf-16").encode())
    assert cli("run", "--job-id", job_id).code == 0
    assert values_left(host, "Quillfeather"), "the search finds nothing even before"
    assert cli("rollback", job_id).code == 0
    assert values_left(host, "Quillfeather") == [host.job_row(job_id)["source_file_key"]]
    assert host.read(f"imports/{job_id}/rejected.csv").splitlines() == ["name,age,email,_row,_errors"]
    errors = list(csv.DictReader(io.StringIO(host.read(f"imports/{job_id}/errors.csv"))))
    assert len(errors) == 30
    assert {row["rawValue"] for row in errors} == {""}
    assert errors[0]["errorMessage"] == "Not a number"
    assert cli("errors", job_id).code == 0


def test_no_value_is_left_of_a_file_that_was_made_readable_first(cli: Cli, host: Host) -> None:
    text = "name,age\n" + "".join(f"Quillfeather{number},x\n" for number in range(5))
    job_id = host.job(text.encode("utf-16"))
    assert cli("run", "--job-id", job_id).code == 0
    assert len(values_left(host, "Quillfeather")) == 2
    assert cli("rollback", job_id).code == 0
    assert values_left(host, "Quillfeather") == []  # the source is in UTF-16, in which the search does not look


KILLS = {
    "before the first row is taken": ("form_submissions", "DELETE", "true"),
    "while versions go": ("form_submission_versions", "DELETE", "OLD.submission_id::text LIKE '%5dc'"),
    "when a batch is counted": ("import_worker.requests", "UPDATE", "NEW.rows_taken > 0"),
    "while raw values go": ("import_worker.errors", "UPDATE", "NEW.raw_value IS NULL"),
    "at the change of status": ("import_jobs", "UPDATE", "NEW.status = 'rolled_back'"),
    "at the audit entry": ("audit_logs", "INSERT", "NEW.action = 'IMPORT_JOB_ROLLBACK'"),
}


@pytest.mark.parametrize("name", KILLS)
def test_a_rollback_killed(name: str, cli: Cli, host: Host, database_url: str) -> None:
    table, event, when = KILLS[name]
    job_id = host.job(b"".join(registry(2_000, bad_share=0.1)), form_id=host.form(FORM))
    assert cli("run", "--job-id", job_id).code == 0
    rows = host.value("SELECT count(*) FROM form_submissions")
    host.query(
        "UPDATE form_submissions SET payload = '{}' WHERE id ="
        " (SELECT id FROM form_submissions ORDER BY id OFFSET 3 LIMIT 1)"
    )
    with (
        paused(database_url, table, event, when=when) as pause,
        cli.start("rollback", job_id, "--reason", "killed") as rollback,
    ):
        pause.wait_until_reached()
        rollback.send_signal(signal.SIGKILL)
        rollback.wait(10)
    result = cli("rollback", job_id, "--reason", "killed")
    assert result.code == 0, result.err
    assert f"{rows - 1:,} rows taken out" in result.out
    assert host.value("SELECT count(*) FROM form_submissions") == 1
    assert host.value("SELECT count(*) FROM form_submission_versions") == 1
    assert host.events(job_id).count("rolled_back") == 1
    job = host.job_row(job_id)
    assert (job["error_summary"]["deletedCount"], job["error_summary"]["keptCount"]) == (rows - 1, 1)
    assert broken_links(host) == []
