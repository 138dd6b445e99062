"""Jobs that other programs touched: the old worker, the browser lane, the host's screens, somebody with psql."""

import json
from uuid import UUID

import pytest

from tests.support.cli import Cli
from tests.support.host import Host

ADA = b"name,age\nAda,36\nBea,37\n"


def _set(host: Host, job_id: UUID, status: str, **columns: str) -> None:
    host.query("UPDATE import_jobs SET status = %s::import_status WHERE id = %s", status, job_id)
    for name, value in columns.items():
        host.query(f"UPDATE import_jobs SET {name} = %s WHERE id = %s", value, job_id)


def _rows_of_the_old_worker(host: Host, job_id: UUID) -> None:
    host.query(
        "INSERT INTO form_submissions (form_id, form_version_id, organization_id, import_job_id, submitter_id, status,"
        " payload) SELECT j.target_form_id, v.id, j.organization_id, j.id, j.created_by, 'submitted', '{}'"
        " FROM import_jobs j JOIN form_versions v ON v.form_id = j.target_form_id WHERE j.id = %s",
        job_id,
    )


@pytest.mark.parametrize(
    ("summary", "says"),
    [
        ('{"reason": "source_file_hash_mismatch"}', "the reason source_file_hash_mismatch"),
        ('{"reason": "a reason of the host"}', "the reason a reason of the host"),
        ("{}", "did not say why"),
        ("[]", "did not say why"),
        ('"x"', "did not say why"),
    ],
)
def test_a_job_that_the_host_failed_without_a_message(summary: str, says: str, cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id).code == 0
    _set(host, job_id, "failed", error_summary=summary)
    result = cli("run", "--job-id", job_id)
    assert result.code == 3, result.err
    assert says in result.err
    assert "--retry" in result.err
    for command in ("status", "errors"):
        assert cli(command, job_id).code == 0
    assert cli("list").code == 0
    assert cli("retry", job_id).code == 0
    assert len(host.payloads(job_id)) == 2


def test_a_job_that_the_host_failed_before_it_began(cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    _set(host, job_id, "failed", error_summary='{"reason": "source_file_hash_mismatch"}')
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert len(host.payloads(job_id)) == 2


@pytest.mark.parametrize("status", ["importing", "validating", "failed", "validated"])
def test_a_job_that_another_program_began_with_rows_in(status: str, cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    _set(host, job_id, status)
    _rows_of_the_old_worker(host, job_id)
    for _ in range(2):
        result = cli("run", "--job-id", job_id)
        assert result.code == 3, result.err
        assert "Another program began this import" in result.err
        assert "rollback" in result.err
        assert host.job_row(job_id)["status"] == ("validated" if status == "validated" else "failed")
    assert host.value("SELECT count(*) FROM form_submissions") == 1
    assert "1 row taken out" in cli("rollback", job_id).out
    assert host.value("SELECT count(*) FROM form_submissions") == 0


def test_a_pending_job_that_another_program_had_begun(cli: Cli, host: Host) -> None:
    """Set back to pending by hand; when it was started is still there."""
    job_id = host.job(ADA)
    host.query("UPDATE import_jobs SET started_at = now() WHERE id = %s", job_id)
    _rows_of_the_old_worker(host, job_id)
    assert cli("run", "--job-id", job_id).code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "begun_elsewhere"


def test_a_job_that_another_program_began_without_a_row(cli: Cli, host: Host) -> None:
    """It may still run, so somebody has to say that it does not: the second launch does."""
    job_id = host.job(ADA)
    _set(host, job_id, "importing")
    result = cli("run", "--job-id", job_id)
    assert result.code == 3, result.err
    assert host.job_row(job_id)["error_summary"]["reason"] == "begun_elsewhere"
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert len(host.payloads(job_id)) == 2


@pytest.mark.parametrize("status", ["pending", "validating", "validated", "importing"])
def test_a_completed_job_whose_status_was_set_back_completes_again(status: str, cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id).code == 0
    _set(host, job_id, status, stats="{}")
    shown = cli("status", job_id)
    assert shown.code == 0, shown.err
    assert "2 of 2 (100%)" in shown.out
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert host.job_row(job_id)["status"] == "completed"
    assert len(host.payloads(job_id)) == 2
    assert host.job_row(job_id)["stats"]["totalRows"] == 2


def test_a_dry_run_whose_status_was_set_to_importing_is_imported(cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    _set(host, job_id, "importing")
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert len(host.payloads(job_id)) == 2


def test_a_job_called_completed_that_was_never_imported_whole(cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    host.query("UPDATE import_worker.chunks SET state = 'pending'")
    _set(host, job_id, "completed")
    result = cli("run", "--job-id", job_id)
    assert result.code == 5
    assert "never imported" in result.err


def test_after_a_cancel_run_leads_to_retry_or_rollback(cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id).code == 0
    host.query("UPDATE import_jobs SET status = 'importing' WHERE id = %s", job_id)
    cancelled = cli("cancel", job_id)
    assert cancelled.code == 0, cancelled.err
    assert f"retry {job_id}" in cancelled.out
    assert f"rollback {job_id}" in cancelled.out
    result = cli("run", "--job-id", job_id)
    assert result.code == 5
    assert "2 rows of it are in" in result.err
    assert f"import-worker retry {job_id}" in result.err
    assert f"import-worker rollback {job_id}" in result.err
    assert cli("retry", job_id).code == 0
    assert host.job_row(job_id)["status"] == "completed"
    assert host.events(job_id)[-4:] == ["cancelled", "started", "planned", "completed"]


def test_a_job_cancelled_before_it_began_is_run_by_retry(cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("cancel", job_id).code == 0
    assert "runs it on" in cli("run", "--job-id", job_id).err
    result = cli("run", "--job-id", job_id, "--retry")
    assert result.code == 0, result.err
    assert len(host.payloads(job_id)) == 2


@pytest.mark.parametrize("stats", ["{}", "[1]", '"x"', '{"rows_total": "many"}', '{"rows_succeeded": null}'])
def test_stats_may_be_anything(stats: str, cli: Cli, host: Host) -> None:
    job_id = host.job(ADA)
    assert cli("run", "--job-id", job_id).code == 0
    _set(host, job_id, "completed", stats=stats)
    for arguments in (
        ("status", job_id),
        ("status", job_id, "--json"),
        ("list",),
        ("list", "--json"),
        ("errors", job_id),
    ):
        result = cli(*arguments)
        assert result.code == 0, (arguments, result.err)
    assert json.loads(cli("status", job_id, "--json").out)["status"] == "completed"
