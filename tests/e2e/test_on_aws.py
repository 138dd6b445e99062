"""From an event to a finished import, on the stack of ``infra/template.yaml``: event bus, queues, ECS, secrets and S3
are moto's, over HTTP; dispatcher and worker run with command, environment and secrets of their task definitions."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.completion import api_names
from tests.support.ecs import ENTRYPOINT, FAMILY, Fargate, container_of, fargate
from tests.support.host import Host
from tests.support.stack import BUCKET, Stack, deploy
from tests.support.status_queues import take_messages
from tests.support.waiting import wait_for

FILE = b"".join(registry(3_000, bad_share=0.1))


@pytest.fixture
def cloud(database_url: str) -> Iterator[tuple[dict[str, str], Stack]]:
    with aws() as platform:
        make_bucket(BUCKET)
        stack = deploy()
        boto3.client("secretsmanager").put_secret_value(
            SecretId=stack.parameters["DatabaseUrlSecretArn"], SecretString=database_url
        )
        _register(stack)
        yield platform, stack


def _register(stack: Stack) -> None:
    """A revision of the worker's task definition that moto can run: it adds up the containers' own memory."""
    definition = api_names(stack.resolver.properties("WorkerTaskDefinition"))
    definition["containerDefinitions"][0]["memory"] = int(definition["memory"])
    boto3.client("ecs").register_task_definition(**definition)


@contextmanager
def dispatcher(stack: Stack, platform: dict[str, str], home: Path) -> Iterator["subprocess.Popen[str]"]:
    """As the stack's service runs it; told to stop at the end."""
    command, environment = container_of("sin-import-dispatcher")
    environment["SIN_IMPORT_ECS_TASK_DEFINITION"] = FAMILY  # not the revision that moto's CloudFormation made
    kept = {"PATH": os.environ["PATH"], "SIN_IMPORT_HOME": str(home)}
    process = subprocess.Popen(
        [*ENTRYPOINT, *command],
        env=kept | platform | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(40)
    finally:
        process.kill()
        sys.stderr.write(process.communicate()[1])  # seen when the test fails


def put_event(detail: dict[str, Any]) -> None:
    entry = {"Source": "solstice.imports", "DetailType": "Import Job Requested", "Detail": json.dumps(detail)}
    assert boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.timeout(300)
def test_an_event_becomes_a_finished_import(
    cloud: tuple[dict[str, str], Stack], database_url: str, tmp_path: Path
) -> None:
    platform, stack = cloud
    artifacts = ObjectStore.open(container_of(FAMILY)[1]["SIN_ARTIFACTS_BUCKET"])
    with closing(Host(database_url, artifacts)) as host:
        job_id = host.job(FILE, form_id=host.form(FORM))
        with (
            fargate(stack.ids["Cluster"], platform) as tasks,
            dispatcher(stack, platform, tmp_path) as running,
        ):
            put_event({"jobId": str(job_id), "options": {"connections": 1}})
            wait_for(lambda: host.job_row(job_id)["status"] == "completed", "the job is completed", 120)
            wait_for(lambda: bool(tasks.codes), "the task has ended")
            metrics = _metrics(tasks)
        assert running.returncode == 0
        assert list(tasks.codes.values()) == [0]
        stats = host.job_row(job_id)["stats"]
        assert stats["rows_processed"] == 3_000
        assert stats["rows_failed"] > 0
        report = artifacts.head(f"imports/{job_id}/errors.csv")
        assert report.size > 0
        recorded = host.events(job_id)
    events = take_messages(stack.ids["StatusQueue"])
    assert [event["type"].rsplit(".", 1)[-1] for event in events] == recorded
    assert recorded[0] == "started"
    assert recorded[-1] == "completed"
    assert {event["subject"] for event in events} == {str(job_id)}
    assert events[-1]["data"]["errorReportKey"] == f"imports/{job_id}/errors.csv"
    assert sum(document.get("RowsProcessed", 0) for document in metrics) == 3_000
    assert sum(document.get("RowsRejected", 0) for document in metrics) == stats["rows_failed"]
    assert [document["JobsCompleted"] for document in metrics if "JobsCompleted" in document] == [1]


def _metrics(tasks: Fargate) -> list[dict[str, Any]]:
    documents = [json.loads(line) for line in tasks.printed().splitlines() if line.startswith("{")]
    assert all(document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Solstice/Imports" for document in documents)
    return documents
