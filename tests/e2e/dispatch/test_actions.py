"""Actions by message: `dispatch` cancels, rolls back and retries, over real queues, with workers of its own machine."""

import signal
from uuid import UUID

import pytest

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.queues import Queues
from tests.support.waiting import wait_for

FILE = b"".join(registry(3_000, bad_share=0.1))


@pytest.fixture
def cli(cloud: dict[str, str], queues: Queues) -> Cli:
    """A dispatcher that has one worker at a time."""
    return Cli(cloud | queues.settings() | {"SIN_IMPORT_MAX_TASKS": "1"})


def _becomes(host: Host, job_id: UUID, status: str) -> None:
    wait_for(lambda: host.job_row(job_id)["status"] == status, f"job {job_id} is {status}", 90)


def _rows(host: Host, job_id: UUID) -> int:
    return int(host.value("SELECT count(*) FROM form_submissions WHERE import_job_id = %s", job_id))


def _actor(host: Host, action: str) -> object:
    return host.value("SELECT actor_user_id FROM audit_logs WHERE action = %s", action)


def _member(host: Host) -> str:
    user = host.user()
    host.member(user, host.organization_id)
    return user


def test_cancel_retry_and_rollback_by_message_while_every_place_is_taken(
    cli: Cli, host: Host, queues: Queues, database_url: str
) -> None:
    job_id, waiting = host.job(FILE, form_id=host.form(FORM)), host.job()
    canceller, actor = _member(host), _member(host)
    with cli.start("dispatch") as dispatcher:
        with paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause:
            queues.request_import(jobId=job_id)
            pause.wait_until_reached()
            queues.request_import(jobId=waiting)
            queues.request_import(jobId=job_id, action="cancel", actorUserId=canceller, reason="wrong file")
            pause.wait_for_request()
        _becomes(host, job_id, "cancelled")
        _becomes(host, waiting, "completed")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
        assert _actor(host, "IMPORT_JOB_CANCELLED") == canceller
        done = host.value("SELECT sum(rows_succeeded) FROM import_worker.chunks WHERE job_id = %s", job_id)
        assert 0 < _rows(host, job_id) == done < 2_600

        queues.request_import(jobId=job_id, action="retry", actorUserId=actor)
        _becomes(host, job_id, "completed")
        assert _rows(host, job_id) == host.job_row(job_id)["stats"]["rows_succeeded"] > done
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)

        queues.request_import(jobId=job_id, action="rollback", actorUserId=actor, reason="wrong file")
        _becomes(host, job_id, "rolled_back")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
        dispatcher.send_signal(signal.SIGTERM)
        _, err = dispatcher.communicate(timeout=60)
    assert dispatcher.returncode == 0, err
    assert _rows(host, job_id) == 0
    assert _actor(host, "IMPORT_JOB_ROLLBACK") == actor
    assert (
        host.value("SELECT metadata ->> 'reason' FROM audit_logs WHERE action = 'IMPORT_JOB_ROLLBACK'") == "wrong file"
    )
    assert [event for event in host.events(job_id) if event in ("cancelled", "rolled_back")] == [
        "cancelled",
        "rolled_back",
    ]
    assert queues.dead_letters() == []


def test_a_running_job_is_rolled_back_by_one_message(cli: Cli, host: Host, queues: Queues, database_url: str) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with cli.start("dispatch"):
        with paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 3") as pause:
            queues.request_import(jobId=job_id)
            pause.wait_until_reached()
            queues.request_import(jobId=job_id, action="rollback")
            pause.wait_for_request()
        _becomes(host, job_id, "rolled_back")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
    assert _rows(host, job_id) == 0
    assert _actor(host, "IMPORT_JOB_ROLLBACK") == host.user_id
    assert queues.dead_letters() == []


def test_a_retry_by_message_runs_a_failed_job_on(cli: Cli, host: Host, queues: Queues) -> None:
    job_id, actor = host.job(FILE, form_id=host.form(FORM)), _member(host)
    assert cli("run", "--job-id", job_id, SIN_IMPORT_DEADLINE_SECONDS="0.001").code == 3
    with cli.start("dispatch"):
        queues.request_import(jobId=job_id, action="retry", actorUserId=actor)
        _becomes(host, job_id, "completed")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
    assert host.value("SELECT count(*) FROM import_worker.attempts") == 2
    assert _actor(host, "IMPORT_JOB_COMPLETE") == actor
    assert queues.dead_letters() == []


def test_a_job_that_failed_without_rows_needs_no_flag_once_it_is_mended(cli: Cli, host: Host, queues: Queues) -> None:
    form_id = host.form(status="draft")
    job_id = host.job(form_id=form_id)
    with cli.start("dispatch"):
        queues.request_import(jobId=job_id)
        _becomes(host, job_id, "failed")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
        assert host.value("SELECT count(*) FROM import_worker.attempts") == 1
        host.query("UPDATE forms SET status = 'published' WHERE id = %s", form_id)
        queues.request_import(jobId=job_id)
        _becomes(host, job_id, "completed")
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
    assert queues.dead_letters() == []


def test_actions_that_cannot_be_carried_out_are_put_aside_with_their_reason(
    cli: Cli, host: Host, queues: Queues
) -> None:
    pending, kept = host.job(), host.job()
    assert cli("run", "--job-id", kept).code == 0
    host.query("UPDATE import_jobs SET can_rollback = false WHERE id = %s", kept)
    messages = [
        {"jobId": str(pending), "action": "rollback"},
        {"jobId": str(kept), "action": "rollback"},
        {"jobId": str(kept), "action": "cancel", "actorUserId": "nobody"},
        {"jobId": str(kept), "action": "stop"},
    ]
    with cli.start("dispatch"):
        for message in [*messages, {"jobId": str(kept), "action": "cancel"}]:
            queues.send(message)
        wait_for(lambda: queues.left() == 0, "the queue is empty", 90)
    dead = sorted((reason, sentence) for reason, sentence, _ in queues.dead_letters())
    assert [reason for reason, _ in dead] == ["actor_unknown", "cannot_roll_back", "cannot_roll_back", "invalid_action"]
    assert any("may not be rolled back" in sentence for _, sentence in dead)
    assert any("has inserted nothing" in sentence for _, sentence in dead)
    assert (host.job_row(pending)["status"], host.job_row(kept)["status"]) == ("pending", "completed")
    assert _rows(host, kept) == 1
