"""Both ways of starting workers behave alike: one suite for processes of this machine and for tasks of ECS."""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID, uuid4

import boto3
import pytest

from import_worker.launching.starters import EndedWorker, Order, Starter, StarterRefused, StarterUnavailable
from import_worker.launching.starters.ecs import EcsTasks
from import_worker.launching.starters.processes import Processes
from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.ecs import ecs_tasks, fargate
from tests.support.host import Host
from tests.support.pause import paused
from tests.support.waiting import wait_for

LIMIT = 2


@dataclass
class Kit:
    """A starter, and the host's side of the database and store that its workers use."""

    starter: Starter
    host: Host

    def order(self, job_id: UUID, *command: str, index: int = 0, **environment: str) -> Order:
        own = {"SIN_IMPORT_JOB_ID": str(job_id)} | environment
        return Order(job_id, attempt=1, launch=1, index=index, command=command or ("run",), environment=own)


@pytest.fixture(params=["processes", "ecs"])
def kit(request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    with aws() as environment, closing(Host(database_url, ObjectStore.open("s3://artifacts"))) as host:
        make_bucket("artifacts")
        settings = {"DatabaseUrl": database_url, "SIN_ARTIFACTS_BUCKET": "artifacts"}
        if request.param == "processes":
            for name, value in settings.items():
                monkeypatch.setenv(name, value)
            starter = Processes(LIMIT)
            yield Kit(starter, host)
            starter.stop()
            return
        tasks = ecs_tasks(environment | settings, limit=LIMIT, stage="test")
        with fargate():
            yield Kit(tasks, host)


@pytest.fixture
def job_id(kit: Kit) -> UUID:
    return kit.host.job()


def _wait_for_end(starter: Starter) -> list[EndedWorker]:
    ended: list[EndedWorker] = []

    def has_ended() -> bool:
        ended.extend(starter.ended())
        return bool(ended)

    wait_for(has_ended, "the worker has ended")
    return ended


def test_a_worker_is_started_with_command_and_environment(kit: Kit, job_id: UUID) -> None:
    kit.starter.start(kit.order(job_id, "run", "--dry-run", SIN_IMPORT_CONNECTIONS="1"))
    wait_for(lambda: kit.host.job_row(job_id)["status"] == "validated", "the dry run has ended")
    assert kit.host.value("SELECT count(*) FROM form_submissions") == 0


def test_room_is_for_as_many_as_run(kit: Kit, job_id: UUID) -> None:
    assert kit.starter.room() == kit.starter.limit == LIMIT
    with paused(kit.host.database_url, "import_worker.chunks", "UPDATE") as pause:
        kit.starter.start(kit.order(job_id))
        assert kit.starter.room() == LIMIT - 1
        kit.starter.start(kit.order(job_id, index=1))
        assert kit.starter.room() == 0
        pause.wait_until_reached()
        assert kit.starter.room() == 0
    ended: list[int] = []

    def has_room() -> bool:
        ended.extend(worker.code for worker in kit.starter.ended())
        return kit.starter.room() == LIMIT

    wait_for(has_room, "both workers have ended")
    assert kit.host.job_row(job_id)["status"] == "completed"
    assert ended == ([0, 0] if kit.starter.watches else [])
    assert kit.starter.running(job_id) == 0


def test_stopping_leaves_nobody_whom_it_watches(kit: Kit, job_id: UUID) -> None:
    with paused(kit.host.database_url, "import_worker.chunks", "UPDATE") as pause:
        handle = kit.starter.start(kit.order(job_id))
        pause.wait_until_reached()
        ended = kit.starter.stop()
        assert [(worker.handle, worker.code) for worker in ended] == ([(handle, 4)] if kit.starter.watches else [])
        assert kit.starter.running(job_id) == 0
    if not kit.starter.watches:
        wait_for(lambda: kit.host.job_row(job_id)["status"] == "completed", "the task goes on")


def test_a_killed_process_is_told_by_its_signal() -> None:
    starter = Processes(1, [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
    job_id = uuid4()
    starter.start(Order(job_id, 1, 1, 0, ()))
    ended = _wait_for_end(starter)
    assert [(worker.job_id, worker.code) for worker in ended] == [(job_id, -9)]


def test_a_worker_has_nothing_of_the_job_that_its_parent_was_started_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SST_EVENT", "{}")
    monkeypatch.setenv("SIN_IMPORT_JOB_ID", "another")
    starter = Processes(1, [sys.executable, "-c", "import os, sys; sys.exit('SST_EVENT' in os.environ)"])
    starter.start(Order(uuid4(), 1, 1, 0, ()))
    ended = _wait_for_end(starter)
    assert [worker.code for worker in ended] == [0]


def test_a_program_that_cannot_be_started_may_be_later() -> None:
    with pytest.raises(StarterUnavailable, match="could not be started"):
        Processes(1, ["/nowhere/import-worker"]).start(Order(uuid4(), 1, 1, 0, ()))


def test_a_missing_cluster_is_nothing_that_passes() -> None:
    with aws():
        boto3.client("ecs").create_cluster(clusterName="another")
        tasks = EcsTasks("nowhere", "family", subnets=["a"], security_groups=["b"], limit=1, stage="test")
        with pytest.raises(StarterRefused, match="ClusterNotFound"):
            tasks.room()
