"""Messages that cancel a job or roll it back, against a real PostgreSQL and ECS over HTTP."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import boto3
import psycopg
import pytest

from import_worker.aws.queues import Message
from import_worker.launching.decisions import Launcher
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES
from import_worker.launching.messages import PutAside, PutAsideReason
from import_worker.launching.starters.processes import Processes
from import_worker.launching.stop_messages import MAX_STARTS
from import_worker.launching.verdict import Done, Later, Verdict, Watched
from tests.support.aws import aws
from tests.support.ecs import CLUSTER, all_tasks, ecs_tasks
from tests.support.host import Host
from tests.support.http_proxy import AwsProxy, aws_proxy
from tests.support.waiting import wait_for


@dataclass
class Desk:
    launcher: Launcher
    host: Host
    connection: psycopg.Connection
    ecs: AwsProxy

    def handle(self, job_id: UUID, action: str, *, receives: int = 1, message_id: str = "m-1", **more: str) -> Verdict:
        body = json.dumps({"jobId": str(job_id), "action": action, **more})
        return self.launcher.handle(self.connection, Message(message_id, "r", body, receives))

    def job(self, status: str = "completed") -> UUID:
        job_id = self.host.job()
        self.host.query("UPDATE import_jobs SET status = %s WHERE id = %s", status, job_id)
        return job_id

    def status(self, job_id: UUID) -> str:
        return str(self.host.job_row(job_id)["status"])


@pytest.fixture
def desk(host: Host, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with aws() as environment, aws_proxy(environment["AWS_ENDPOINT_URL"]) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", proxy.url)
        tasks = ecs_tasks({}, limit=1, stage="test")
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield Desk(Launcher(tasks, "s3://artifacts"), host, connection, proxy)


@pytest.mark.parametrize("status", ["pending", "validating", "importing", "validated"])
def test_a_job_is_cancelled_at_once_where_nobody_holds_it(status: str, desk: Desk) -> None:
    job_id, actor = desk.job(status), desk.host.user()
    assert desk.handle(job_id, "cancel", actorUserId=actor) == Done("nobody works on the job any more")
    assert desk.status(job_id) == "cancelled"
    assert desk.host.value("SELECT actor_user_id FROM audit_logs WHERE action = 'IMPORT_JOB_CANCELLED'") == actor
    assert all_tasks() == []


def test_a_cancel_waits_for_nobody_and_is_written_down(desk: Desk, database_url: str) -> None:
    job_id = desk.job("importing")
    desk.host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s)", job_id)
    with psycopg.connect(database_url) as chunk:
        chunk.execute("SELECT FROM import_worker.jobs WHERE job_id = %s FOR SHARE", [job_id])
        verdict = desk.handle(job_id, "cancel")
        assert verdict == Later("the job's workers finish their chunks first")
        assert desk.host.value("SELECT kind FROM import_worker.requests WHERE job_id = %s", job_id) == "cancel"
        assert isinstance(desk.handle(job_id, "rollback", message_id="m-2"), Later)
    assert isinstance(desk.handle(job_id, "cancel", receives=2), Done)
    assert desk.status(job_id) == "cancelled"


def test_a_cancel_delivered_again_after_a_retry_cancels_nothing(desk: Desk) -> None:
    job_id = desk.job("importing")
    desk.handle(job_id, "cancel")
    assert isinstance(desk.handle(job_id, "cancel", receives=2), Done)
    desk.host.query("UPDATE import_jobs SET status = 'importing'")
    assert desk.handle(job_id, "cancel", receives=3) == Done("the message was carried out before")
    assert desk.status(job_id) == "importing"
    desk.handle(job_id, "cancel", message_id="m-2")
    assert desk.status(job_id) == "cancelled"


@pytest.mark.parametrize("status", ["completed", "failed", "rolled_back"])
def test_a_cancel_that_comes_too_late_is_done_with(status: str, desk: Desk) -> None:
    job_id = desk.job(status)
    assert isinstance(desk.handle(job_id, "cancel"), Done)
    assert desk.status(job_id) == status
    assert desk.host.value("SELECT count(*) FROM import_worker.requests") == 0


@pytest.mark.parametrize("action", ["cancel", "rollback"])
def test_a_job_of_the_other_lane_is_not_touched(action: str, desk: Desk) -> None:
    job_id = desk.host.job(lane="interactive")
    verdict = desk.handle(job_id, action)
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.WRONG_LANE
    assert desk.status(job_id) == "pending"


def test_a_rollback_is_a_task_of_its_own(desk: Desk) -> None:
    job_id, actor = desk.job(), desk.host.user()
    verdict = desk.handle(job_id, "rollback", actorUserId=actor, reason="-wrong file")
    assert verdict == Later("a task takes the job's rows out")
    (call,) = desk.ecs.bodies("RunTask")
    (override,) = call["overrides"]["containerOverrides"]
    assert override["command"] == ["rollback", str(job_id), "--reason=-wrong file"]
    assert override["environment"] == [{"name": "SIN_IMPORT_ACTOR_USER_ID", "value": actor}]
    assert call["startedBy"] == str(job_id)
    for receives in (2, 3):
        assert desk.handle(job_id, "rollback", receives=receives) == Later("the job is being rolled back")
    assert desk.handle(job_id, "rollback", message_id="m-2") == Later("the job is being rolled back")
    assert len(all_tasks()) == 1
    desk.host.query("UPDATE import_jobs SET status = 'rolled_back'")
    assert desk.handle(job_id, "rollback", receives=4) == Done("the job is rolled back")


def test_a_rollback_that_died_is_started_again_but_not_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("import_worker.launching.starters.ecs.UNLISTED_SECONDS", 0.0)
    job_id = desk.job()
    for receives in range(1, MAX_STARTS + 1):
        assert desk.handle(job_id, "rollback", receives=receives) == Later("a task takes the job's rows out")
        task = all_tasks()[-1]["taskArn"]
        boto3.client("ecs").stop_task(cluster=CLUSTER, task=task)
    assert len({call["clientToken"] for call in desk.ecs.bodies("RunTask")}) == MAX_STARTS
    verdict = desk.handle(job_id, "rollback", receives=9)
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.CANNOT_ROLL_BACK
    assert f"started {MAX_STARTS} times" in verdict.sentence
    assert desk.handle(job_id, "rollback", message_id="m-2") == Later("a task takes the job's rows out")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("status = 'pending'", "has inserted nothing"),
        ("status = 'validated'", "has inserted nothing"),
        ("can_rollback = false", "may not be rolled back"),
        ("can_rollback = false, status = 'importing'", "may not be rolled back"),
        ("rollback_before = now() - interval '1 s'", "is past"),
    ],
)
def test_a_rollback_that_may_not_be_is_put_aside_before_anything_happens(change: str, says: str, desk: Desk) -> None:
    job_id = desk.job()
    desk.host.query(f"UPDATE import_jobs SET {change}")
    before = desk.host.job_row(job_id)
    verdict = desk.handle(job_id, "rollback")
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.CANNOT_ROLL_BACK
    assert says in verdict.sentence
    assert desk.host.job_row(job_id) == before
    assert all_tasks() == []


def test_a_running_job_is_cancelled_before_there_is_room_for_its_rollback(desk: Desk) -> None:
    desk.launcher.handle(desk.connection, Message("m-0", "r", json.dumps({"jobId": str(desk.host.job())}), 1))
    job_id = desk.job("importing")
    assert desk.handle(job_id, "rollback") == Later("as many workers run as may")
    assert desk.status(job_id) == "cancelled"


def test_what_ecs_refuses_for_good_is_put_aside(desk: Desk) -> None:
    job_id = desk.job()
    answer = (400, {"__type": "AccessDeniedException", "message": "not authorized"})
    desk.ecs.answers["RunTask"] = [answer, answer]
    assert isinstance(desk.handle(job_id, "rollback"), Later)
    verdict = desk.handle(job_id, "rollback", receives=MAX_REFUSED_RECEIVES)
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.CANNOT_START


def test_a_process_that_rolls_back_is_watched_and_only_success_ends_it(
    host: Host, database_url: str, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = f"import sys, time; open({str(told)!r}, 'w').write(repr(sys.argv[1:])); time.sleep(60)"
    starter = Processes(2, program=(sys.executable, "-c", script))
    try:
        with psycopg.connect(database_url, autocommit=True) as connection:
            launcher = Launcher(starter, "s3://artifacts")
            job_id = host.job()
            host.query("UPDATE import_jobs SET status = 'completed'")
            body = json.dumps({"jobId": str(job_id), "action": "rollback"})
            verdict = launcher.handle(connection, Message("m-1", "r", body, 1))
            assert isinstance(verdict, Watched)
            assert verdict.ends == {0}
            assert starter.running(job_id) == 0, "it imports nothing"
            again = launcher.handle(connection, Message("m-2", "r", body, 1))
            assert again == Later("the job is being rolled back")
            wait_for(lambda: told.exists() and told.read_text(), "the process runs")
            assert told.read_text() == repr(["rollback", str(job_id)])
    finally:
        starter.stop()
