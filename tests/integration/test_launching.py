"""What becomes of one launch message, against a real PostgreSQL and ECS over HTTP; ECS's failures come from a proxy."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from import_worker.aws.queues import Message
from import_worker.database.launches import claim_queueing, get_launch_state, lock_launch
from import_worker.launching.decisions import UNKNOWN_RECEIVES, Launcher
from import_worker.launching.inbox import MAX_REFUSED_RECEIVES
from import_worker.launching.messages import PutAside, PutAsideReason
from import_worker.launching.verdict import Done, Later, Verdict
from tests.support.aws import aws
from tests.support.cli import Cli
from tests.support.ecs import all_tasks, ecs_tasks
from tests.support.host import Host
from tests.support.http_proxy import AwsProxy, aws_proxy
from tests.support.in_process import InProcess

LIMIT = 3
CAPACITY = {"tasks": [], "failures": [{"arn": "arn:aws:ecs:task", "reason": "RESOURCE:FARGATE"}]}


@dataclass
class Desk:
    launcher: Launcher
    ecs: AwsProxy
    host: Host
    connection: psycopg.Connection

    def handle(self, document: object, *, receives: int = 1, message_id: str = "m-1") -> Verdict:
        return self.launcher.handle(
            self.connection, Message(message_id, "r", json.dumps(document, default=str), receives)
        )

    def launched(self) -> list[dict[str, Any]]:
        """What RunTask was called with and answered well."""
        return [dict(task["overrides"]["containerOverrides"][0]) for task in all_tasks()]


@pytest.fixture
def desk(host: Host, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with aws() as environment, aws_proxy(environment["AWS_ENDPOINT_URL"]) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", proxy.url)
        tasks = ecs_tasks(
            {}, limit=LIMIT, stage="prod/eu", arn="arn:aws:ecs:ca-central-1:123456789012:task-definition/"
        )
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield Desk(Launcher(tasks, "s3://artifacts/solstice"), proxy, host, connection)


def _start_attempt(host: Host, job_id: UUID, *, ago: str = "0 s", outcome: str | None = None) -> None:
    host.query("INSERT INTO import_worker.jobs (job_id) VALUES (%s) ON CONFLICT DO NOTHING", job_id)
    host.query(
        "INSERT INTO import_worker.attempts (job_id, attempt, worker, started_at, heartbeat_at, ended_at, outcome)"
        " SELECT %s, count(*) + 1, 'host:1', now(), now() - %s::interval, CASE WHEN %s::text IS NULL THEN NULL ELSE"
        " now() - %s::interval END, %s FROM import_worker.attempts WHERE job_id = %s",
        *(job_id, ago, outcome, ago, outcome, job_id),
    )


def _failed_with_rows_in(desk: Desk, cli: Cli, **job: Any) -> UUID:
    job_id = desk.host.job(**job)
    assert InProcess.like(cli)("run", "--job-id", job_id).code == 0
    desk.host.query("UPDATE import_jobs SET status = 'failed' WHERE id = %s", job_id)
    return job_id


def test_run_task_is_called_as_fargate_wants_it(desk: Desk) -> None:
    job_id = desk.host.job()
    options = {"delimiter": ";", "max_rejected_rows": 5}
    verdict = desk.handle({"detail": {"jobId": job_id, "options": options}})
    assert verdict == Done("workers started")
    (call,) = desk.ecs.bodies("RunTask")
    assert call["launchType"] == "FARGATE"
    assert call["count"] == 1
    assert call["clientToken"] == f"{job_id}-1-1-0"
    assert len(call["clientToken"]) <= 64
    assert call["startedBy"] == "import-worker-prod-eu"
    assert call["propagateTags"] == "TASK_DEFINITION"
    network = call["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "DISABLED"
    assert network["subnets"]
    assert network["securityGroups"]
    (override,) = call["overrides"]["containerOverrides"]
    assert override["name"] == "import-worker"
    assert override["command"] == ["run"]
    environment = {entry["name"]: entry["value"] for entry in override["environment"]}
    assert environment.pop("SIN_IMPORT_JOB_ID") == str(job_id)
    assert json.loads(environment.pop("SST_EVENT")) == {"detail": {"jobId": str(job_id), "options": options}}
    assert environment == {}
    (counted,) = desk.ecs.bodies("ListTasks")
    assert (counted["family"], counted["desiredStatus"]) == ("sin-import-worker", "RUNNING")


def test_a_second_message_starts_nothing_while_the_task_starts_up_or_works(desk: Desk) -> None:
    job_id = desk.host.job()
    assert desk.handle({"jobId": job_id}) == Done("workers started")
    assert desk.handle({"jobId": job_id}, message_id="m-2") == Done("the job has its workers already")
    _start_attempt(desk.host, job_id)
    assert desk.handle({"jobId": job_id}, message_id="m-3") == Done("the job has its workers already")
    assert len(desk.launched()) == 1


def test_a_task_that_never_came_or_died_is_replaced_under_another_token(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id})
    desk.host.query("UPDATE import_worker.launches SET launched_at = now() - interval '181 s'")
    desk.handle({"jobId": job_id})
    _start_attempt(desk.host, job_id, ago="31 s")
    desk.handle({"jobId": job_id})
    tokens = [call["clientToken"] for call in desk.ecs.bodies("RunTask")]
    assert tokens == [f"{job_id}-1-1-0", f"{job_id}-1-2-0", f"{job_id}-2-3-0"]


def test_a_message_that_comes_back_after_a_start_nobody_noted_has_the_same_token(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id})
    desk.host.query("DELETE FROM import_worker.launches")
    desk.handle({"jobId": job_id}, receives=2)
    first, second = desk.ecs.bodies("RunTask")
    assert first == second


def test_several_tasks_make_up_the_number_that_is_wanted(desk: Desk) -> None:
    job_id = desk.host.job()
    _start_attempt(desk.host, job_id)
    assert desk.handle({"jobId": job_id, "tasks": 3}) == Done("workers started")
    assert [call["clientToken"] for call in desk.ecs.bodies("RunTask")] == [f"{job_id}-2-1-{n}" for n in (0, 1)]
    assert desk.handle({"jobId": job_id, "tasks": 3}) == Done("the job has its workers already")


def test_tasks_of_two_launches_that_start_up_are_counted_together(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id})
    assert desk.handle({"jobId": job_id, "tasks": 3}) == Done("workers started")
    assert len(desk.launched()) == LIMIT
    assert desk.handle({"jobId": job_id, "tasks": 3}) == Done("the job has its workers already")


def test_a_job_that_has_failed_is_started_again_once_for_each_message_that_asks_for_it(desk: Desk, cli: Cli) -> None:
    job_id = _failed_with_rows_in(desk, cli)
    assert desk.handle({"jobId": job_id}) == Done("the job is failed already")
    for launch, message_id in enumerate(("m-2", "m-3"), start=1):
        asked = {"jobId": job_id} | ({"retry": True} if launch == 1 else {"action": "retry"})
        assert desk.handle(asked, message_id=message_id) == Done("workers started")
        _start_attempt(desk.host, job_id, outcome="failed")
        assert desk.handle(asked, message_id=message_id) == Done("the job is failed already")
        assert [task["command"] for task in desk.launched()] == [["run", "--retry"]] * launch
    assert desk.handle({"jobId": job_id, "retry": True}, message_id="m-2") == Done("the job is failed already")


def test_a_cancelled_job_goes_on_if_that_is_asked_for(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.host.query("UPDATE import_jobs SET status = 'cancelled' WHERE id = %s", job_id)
    assert desk.handle({"jobId": job_id}) == Done("the job is cancelled already")
    assert desk.handle({"jobId": job_id, "action": "retry"}, message_id="m-2") == Done("workers started")
    assert [task["command"] for task in desk.launched()] == [["run", "--retry"]]


def test_a_job_that_failed_before_any_row_was_in_needs_no_flag(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id})
    _start_attempt(desk.host, job_id, outcome="failed")
    desk.host.query("UPDATE import_jobs SET status = 'failed' WHERE id = %s", job_id)
    assert desk.handle({"jobId": job_id}) == Done("the job is failed already"), "the message that failed"
    assert desk.handle({"jobId": job_id, "resume": True}, message_id="m-2") == Done("the job is failed already")
    assert desk.handle({"jobId": job_id}, message_id="m-3") == Done("workers started")
    assert sorted(task["command"] for task in desk.launched()) == [["run"], ["run", "--retry"]]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ("source_file_key = source_file_key", False),
        ("source_file_hash = upper(source_file_hash)", False),
        ("source_file_hash = repeat('0', 64)", True),
        ("source_file_key = 'imports/another.csv'", True),
        ("target_form_id = NULL", True),
    ],
)
def test_a_launch_after_the_source_was_changed_is_a_retry(desk: Desk, cli: Cli, change: str, changed: bool) -> None:
    job_id = _failed_with_rows_in(desk, cli)
    desk.host.query(f"UPDATE import_jobs SET {change}")
    assert (desk.handle({"jobId": job_id}) == Done("workers started")) is changed


def test_a_launch_after_the_form_was_published_anew_is_a_retry(desk: Desk, cli: Cli) -> None:
    form_id = desk.host.form()
    job_id = _failed_with_rows_in(desk, cli, form_id=form_id)
    assert desk.handle({"jobId": job_id}) == Done("the job is failed already")
    desk.host.publish(form_id, {"fields": []}, published=False)
    assert desk.handle({"jobId": job_id}) == Done("the job is failed already")
    desk.host.publish(form_id, {"fields": []})
    assert desk.handle({"jobId": job_id}) == Done("workers started")


def test_the_one_who_asks_acts_in_the_worker_and_in_what_follows(desk: Desk) -> None:
    job_id, actor = desk.host.job(), desk.host.user()
    desk.handle({"jobId": job_id, "actorUserId": actor, "tasks": 4})
    for task in desk.launched():
        assert {"name": "SIN_IMPORT_ACTOR_USER_ID", "value": actor} in task["environment"]
    desk.host.query("UPDATE import_worker.launches SET launched_at = now() - interval '181 s'")
    claim = claim_queueing(desk.connection, job_id, 0)
    assert claim is not None
    assert claim.actor == actor


def test_somebody_nobody_knows_is_refused(desk: Desk) -> None:
    for action in ("run", "cancel", "rollback"):
        verdict = desk.handle({"jobId": desk.host.job(), "action": action, "actorUserId": "nobody"})
        assert isinstance(verdict, PutAside)
        assert verdict.reason is PutAsideReason.ACTOR_UNKNOWN
    assert desk.launched() == []


def test_while_another_dispatcher_starts_a_jobs_workers_its_messages_wait(desk: Desk, database_url: str) -> None:
    job_id, other_job = desk.host.job(), desk.host.job()
    with psycopg.connect(database_url) as other:
        assert lock_launch(other, job_id)
        assert isinstance(desk.handle({"jobId": job_id}), Later)
        assert desk.handle({"jobId": other_job}) == Done("workers started")
    assert desk.handle({"jobId": job_id}) == Done("workers started")


def test_options_that_come_too_late_are_said_to_have_no_effect(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id})
    verdict = desk.handle({"jobId": job_id, "options": {"delimiter": ";"}}, message_id="m-2")
    assert verdict == Done("the job has its workers already, and the message's options have no effect")


def test_more_tasks_than_may_run_are_as_many_as_may(desk: Desk) -> None:
    assert desk.handle({"jobId": desk.host.job(), "tasks": 9}) == Done("workers started")
    assert len(desk.launched()) == LIMIT


def test_what_there_is_no_room_for_follows(desk: Desk) -> None:
    desk.handle({"jobId": desk.host.job()})
    job_id = desk.host.job()
    verdict = desk.handle({"jobId": job_id, "tasks": 3})
    assert isinstance(verdict, Done)
    (follow_up,) = verdict.follow_ups
    assert json.loads(follow_up) == {"jobId": str(job_id), "resume": True, "tasks": 3}
    assert len(desk.launched()) == LIMIT
    assert isinstance(desk.handle(json.loads(follow_up), message_id="m-2"), Later)


def test_no_capacity_passes_however_often(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.ecs.answers["RunTask"] = [(200, CAPACITY), (200, CAPACITY)]
    for receives in (1, 50):
        verdict = desk.handle({"jobId": job_id}, receives=receives)
        assert isinstance(verdict, Later)
        assert "RESOURCE:FARGATE" in verdict.why
    assert desk.handle({"jobId": job_id}, receives=51) == Done("workers started")
    assert len({call["clientToken"] for call in desk.ecs.bodies("RunTask")}) == 1


@pytest.mark.parametrize(
    ("code", "message", "permanent"),
    [
        ("AccessDeniedException", "User is not authorized to perform: ecs:RunTask", True),
        ("AccessDeniedException", "The role limited is not authorized to perform: ecs:RunTask", True),
        ("InvalidSignatureException", "The signature that was calculated does not match", True),
        ("ExpiredTokenException", "The security token included in the request is expired", False),
        ("ClientException", "TaskDefinition is inactive", True),
        ("InvalidParameterException", "subnet does not exist", True),
        ("ClientException", "Capacity is unavailable at this time. Please try again later", False),
        ("InvalidParameterException", "You've reached the limit on the number of vCPUs", False),
        ("ThrottlingException", "Rate exceeded", False),
        ("ServerException", "Service Unavailable", False),
        ("ConflictException", "The clientToken is in use", False),
    ],
)
def test_only_what_somebody_must_mend_is_put_aside(desk: Desk, code: str, message: str, permanent: bool) -> None:
    job_id = desk.host.job()
    answer = (400, {"__type": code, "message": message})
    desk.ecs.answers["RunTask"] = [answer] * 8
    first = desk.handle({"jobId": job_id})
    assert isinstance(first, Later)
    assert code in first.why
    desk.ecs.answers["RunTask"] = [answer] * 8
    last = desk.handle({"jobId": job_id}, receives=MAX_REFUSED_RECEIVES)
    assert isinstance(last, PutAside if permanent else Later)
    if isinstance(last, PutAside):
        assert last.reason is PutAsideReason.CANNOT_START
        assert message in last.sentence
    desk.ecs.answers.clear()
    assert desk.handle({"jobId": job_id}, receives=2) == Done("workers started")


@pytest.mark.parametrize("status", ["completed", "cancelled", "rolled_back"])
def test_a_job_that_has_ended_is_left_alone(desk: Desk, status: str) -> None:
    job_id = desk.host.job()
    desk.host.query("UPDATE import_jobs SET status = %s WHERE id = %s", status, job_id)
    assert isinstance(desk.handle({"jobId": job_id}), Done)
    assert desk.launched() == []


def test_an_unknown_job_gets_a_moment(desk: Desk) -> None:
    message = {"jobId": uuid4()}
    assert isinstance(desk.handle(message), Later)
    verdict = desk.handle(message, receives=UNKNOWN_RECEIVES)
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.JOB_UNKNOWN


def test_the_other_lane_is_refused(desk: Desk) -> None:
    verdict = desk.handle({"jobId": desk.host.job(lane="interactive")})
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.WRONG_LANE


def _event(job_id: UUID, event_id: str, **detail: object) -> dict[str, object]:
    return {"detail-type": "Import Job Requested", "id": event_id, "detail": {"jobId": job_id, **detail}}


@pytest.mark.parametrize(
    "again",
    [
        lambda job_id: _event(job_id, "e-1"),
        lambda job_id: _event(job_id, "e-2", options={"dry_run": True}),
        lambda job_id: {"jobId": job_id, "resume": True},
    ],
    ids=["the same event", "another dry run", "kept going"],
)
def test_no_stray_message_makes_a_dry_run_real(desk: Desk, again: Callable[[UUID], object]) -> None:
    job_id = desk.host.job()
    desk.handle(_event(job_id, "e-1", options={"dry_run": True}))
    assert desk.launched()[0]["command"] == ["run", "--dry-run"]
    desk.host.query("UPDATE import_jobs SET status = 'validated' WHERE id = %s", job_id)
    assert desk.handle(again(job_id), message_id="m-2") == Done("the job is validated already")
    desk.host.query("UPDATE import_worker.launches SET launched_at = now() - interval '1 h'")
    assert desk.handle(_event(job_id, "e-3"), message_id="m-3") == Done("workers started")
    assert sorted(each["command"] for each in desk.launched()) == [["run"], ["run", "--dry-run"]]


def test_a_dry_run_asked_for_at_submit_is_one_for_every_worker(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.host.query("INSERT INTO import_worker.jobs (job_id, options) VALUES (%s, '{\"dry_run\": true}')", job_id)
    desk.handle({"jobId": job_id, "tasks": 2})
    assert [each["command"] for each in desk.launched()] == [["run", "--dry-run"]] * 2


def _uploaded(key: str, bucket: str = "artifacts") -> dict[str, Any]:
    about = {"bucket": {"name": bucket}, "object": {"key": key}}
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": about}]}


def test_an_upload_starts_the_pending_jobs_that_wait_for_it(desk: Desk) -> None:
    key = f"imports/{desk.host.organization_id}/a file.csv"
    jobs = [desk.host.job(key=key) for _ in range(3)]
    desk.host.job(key=key, lane="interactive")
    desk.host.query("UPDATE import_jobs SET status = 'failed' WHERE id = %s", jobs[1])
    verdict = desk.handle(_uploaded("solstice/" + key.replace(" ", "+")))
    assert isinstance(verdict, Done)
    assert [json.loads(each) for each in verdict.messages] == [
        {"jobId": str(each), "resume": True} for each in (jobs[0], jobs[2])
    ]


def test_an_upload_that_no_job_waits_for_is_forgotten_after_a_moment(desk: Desk) -> None:
    message = _uploaded("solstice/imports/nobody.csv")
    assert isinstance(desk.handle(message), Later)
    assert desk.handle(message, receives=UNKNOWN_RECEIVES) == Done("no job waits for the file")


@pytest.mark.parametrize("message", [_uploaded("imports/a.csv"), _uploaded("solstice/imports/a.csv", "another")])
def test_an_upload_to_another_place_is_refused(desk: Desk, message: dict[str, Any]) -> None:
    verdict = desk.handle(message)
    assert isinstance(verdict, PutAside)
    assert verdict.reason is PutAsideReason.OTHER_BUCKET


def test_the_state_of_a_job_counts_those_who_are_on_their_way(desk: Desk) -> None:
    job_id = desk.host.job()
    desk.handle({"jobId": job_id, "tasks": 3})
    _start_attempt(desk.host, job_id)
    _start_attempt(desk.host, job_id, outcome="completed")
    state = get_launch_state(desk.connection, job_id, "m-1")
    assert state is not None
    assert (state.alive, state.starting, state.attempts, state.launches) == (1, 1, 2, 1)
