"""Completion and failure are entries in the host's own chain of hashes."""

from uuid import UUID

from tests.support.audit_chain import append_as_the_host, broken_links
from tests.support.cli import Cli
from tests.support.host import Host


def test_the_chain_holds_through_entries_of_the_worker_and_of_others(cli: Cli, host: Host) -> None:
    assert cli("run", "--job-id", host.job()).code == 0
    append_as_the_host(host, "LOGIN")
    assert cli("run", "--job-id", host.job(b"name\nAda\n", sha256="0" * 64)).code == 3
    append_as_the_host(host, "LOGOUT", ahead="1 hour")
    job_id = host.job()
    assert cli("run", "--job-id", job_id).code == 0
    append_as_the_host(host, "LOGIN", ahead="2 hours")

    assert broken_links(host) == []
    actions = [row["action"] for row in host.query("SELECT action FROM audit_logs ORDER BY created_at, id")]
    assert actions == ["IMPORT_JOB_COMPLETE", "LOGIN", "IMPORT_JOB_FAILED", "LOGOUT", "IMPORT_JOB_COMPLETE", "LOGIN"]
    entry = host.query("SELECT * FROM audit_logs WHERE target_id = %s", str(job_id))[0]
    expected = {
        "action_category": "DATA",
        "target_type": "import_job",
        "target_org_id": host.organization_id,
        "actor_user_id": host.user_id,
        "changes": {"status": {"old": "importing", "new": "completed"}},
        "metadata": {"rowsTotal": 1, "rowsSucceeded": 1, "rowsFailed": 0, "errorCount": 0, "errorReportKey": None},
    }
    assert {name: entry[name] for name in expected} == expected
    requests = {row["request_id"] for row in host.query("SELECT request_id FROM audit_logs")}
    assert len(requests) == 6
    assert all(UUID(each) for each in requests)


def test_the_check_itself_notices_a_changed_entry(cli: Cli, host: Host) -> None:
    assert cli("run", "--job-id", host.job()).code == 0
    append_as_the_host(host, "LOGIN")
    host.query("UPDATE audit_logs SET metadata = '{\"rowsTotal\": 2}' WHERE action = 'IMPORT_JOB_COMPLETE'")
    assert len(broken_links(host)) == 1
