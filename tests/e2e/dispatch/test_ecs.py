"""`dispatch` with ECS: RunTask is moto's, over HTTP, and what it accepted is run with the command and environment that
task definition and override give."""

import json
import signal
from collections.abc import Iterator
from uuid import UUID

import boto3
import pytest

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.ecs import CLUSTER, all_tasks, fargate, make_cluster
from tests.support.host import Host
from tests.support.http_proxy import AwsProxy, aws_proxy
from tests.support.pause import paused
from tests.support.queues import Queues
from tests.support.waiting import wait_for

FILE = b"".join(registry(3_000, bad_share=0.1))
NO_CAPACITY = {"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time."}]}


@pytest.fixture
def ecs(cloud: dict[str, str]) -> Iterator[AwsProxy]:
    with aws_proxy(cloud["AWS_ENDPOINT_URL"]) as proxy:
        yield proxy


@pytest.fixture
def cli(cloud: dict[str, str], queues: Queues, ecs: AwsProxy) -> Cli:
    """The dispatcher; its cluster's tasks have its environment."""
    production = cloud | {"NODE_ENV": "production"}
    return Cli(production | queues.settings() | make_cluster(production) | {"AWS_ENDPOINT_URL_ECS": ecs.url})


def _has(host: Host, job_id: UUID, status: str) -> None:
    wait_for(lambda: host.job_row(job_id)["status"] == status, f"job {job_id} is {status}", 90)


def _let_time_pass(host: Host) -> None:
    """As after half a minute of silence, and of starting up."""
    host.query(
        "UPDATE import_worker.attempts SET heartbeat_at = heartbeat_at - interval '31 s',"
        " ended_at = ended_at - interval '31 s'"
    )


def test_delivered_twice_refused_twice_killed_once_imported_once(
    cli: Cli, host: Host, queues: Queues, ecs: AwsProxy, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    ecs.answers["RunTask"] = [(200, NO_CAPACITY), (200, NO_CAPACITY)]
    queues.request_import(jobId=job_id, options={"max_rejected_rows": 2_999})
    with fargate() as tasks, cli.start("dispatch") as dispatcher:
        with paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 4") as pause:
            pause.wait_until_reached()
            wait_for(lambda: queues.left() == 0, "both messages are done while the job runs")
            (first,) = all_tasks()
            tasks.kill(first["taskArn"])
            wait_for(lambda: tasks.codes.get(first["taskArn"]) == -signal.SIGKILL, "the worker is dead")
        assert cli("reap", "--json").json == {"jobs": []}
        _let_time_pass(host)
        reaped = cli("reap", "--json").json
        assert [(job["jobId"], job["result"]) for job in reaped["jobs"]] == [(str(job_id), "queued")]
        assert cli("reap", "--json").json == {"jobs": []}
        _has(host, job_id, "completed")
        wait_for(lambda: queues.left() == 0, "the queue is empty")
        dispatcher.send_signal(signal.SIGTERM)
        _, err = dispatcher.communicate(timeout=40)
        wait_for(lambda: len(tasks.codes) == 2, "both tasks have ended")
        assert sorted(tasks.codes.values()) == [-signal.SIGKILL, 0]
    assert dispatcher.returncode == 0, err
    tokens = [call["clientToken"] for call in ecs.bodies("RunTask")]
    assert len(set(tokens)) == 2
    assert len(tokens) == 4
    lines = [json.loads(line) for line in err.splitlines()]
    assert sum("no task: Capacity is unavailable" in line.get("why", "") for line in lines) >= 2
    assert host.job_row(job_id)["stats"]["rows_processed"] == 3_000
    assert host.events(job_id).count("completed") == 1
    outcomes = [row["outcome"] for row in host.query("SELECT outcome FROM import_worker.attempts ORDER BY attempt")]
    assert outcomes == ["lost", "completed"]
    options = host.value("SELECT options FROM import_worker.jobs WHERE job_id = %s", job_id)
    assert options == {"max_rejected_rows": 2_999}
    assert queues.dead_letters() == []


def test_a_task_that_never_began_is_replaced_and_its_options_are_kept(cli: Cli, host: Host, queues: Queues) -> None:
    """The options are those of a dry run: a replacement without them would import."""
    job_id = host.job(FILE, form_id=host.form(FORM))
    queues.request_import(jobId=job_id, options={"dry_run": True})
    with cli.start("dispatch"):
        wait_for(lambda: queues.left() == 0, "the messages are done")
        (lost,) = all_tasks()
        boto3.client("ecs").stop_task(cluster=CLUSTER, task=lost["taskArn"], reason="CannotPullContainerError")
        assert cli("reap", "--json").json == {"jobs": []}
        host.query("UPDATE import_worker.launches SET launched_at = launched_at - interval '181 s'")
        assert [job["jobId"] for job in cli("reap", "--json").json["jobs"]] == [str(job_id)]
        with fargate() as tasks:
            _has(host, job_id, "validated")
            wait_for(lambda: len(tasks.codes) == 1, "the task has ended")
    assert len(all_tasks()) == 2
    assert host.value("SELECT count(*) FROM form_submissions WHERE import_job_id = %s", job_id) == 0


def test_several_tasks_share_a_big_job_and_a_stop_leaves_them_alone(
    cli: Cli, host: Host, queues: Queues, database_url: str
) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    queues.request_import(jobId=job_id, tasks=3)
    with fargate() as tasks:
        with paused(database_url, "import_worker.chunks", "UPDATE") as pause:
            with cli.start("dispatch") as dispatcher:
                wait_for(lambda: pause.waiting() == 3, "three workers are in a chunk", 90)
                wait_for(lambda: queues.left() == 0, "the queue is empty")
                dispatcher.send_signal(signal.SIGTERM)
                dispatcher.communicate(timeout=40)
            assert dispatcher.returncode == 0
            assert pause.waiting() == 3
        _has(host, job_id, "completed")
        wait_for(lambda: len(tasks.codes) == 3, "all tasks have ended")
        assert set(tasks.codes.values()) == {0}
    done_by = host.query("SELECT DISTINCT attempt FROM import_worker.chunks")
    assert len(done_by) == 3


def test_no_more_tasks_than_may_run_at_once(cli: Cli, host: Host, queues: Queues, database_url: str) -> None:
    jobs = [host.job(), host.job()]
    for job_id in jobs:
        queues.send({"jobId": str(job_id)})
    with fargate(), cli.start("dispatch", SIN_IMPORT_MAX_TASKS="1"):
        with paused(database_url, "import_worker.chunks", "UPDATE") as pause:
            pause.wait_until_reached()
            assert len(all_tasks()) == 1
            assert queues.left() == 1
        for job_id in jobs:
            _has(host, job_id, "completed")


def test_the_dispatcher_itself_finds_the_dead(cli: Cli, host: Host, database_url: str) -> None:
    job_id = host.job(FILE, form_id=host.form(FORM))
    with (
        paused(database_url, "import_worker.chunks", "UPDATE", when="NEW.number = 2") as pause,
        cli.start("run", "--job-id", job_id, SIN_IMPORT_CHUNK_BYTES="65536") as worker,
    ):
        pause.wait_until_reached()
        worker.kill()
        worker.wait(10)
    _let_time_pass(host)
    with fargate(), cli.start("dispatch"):
        _has(host, job_id, "completed")
