"""``infra/task-definition.json``, for those who register the task without the stack."""

import json
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest

from tests.support.aws import REGION, aws
from tests.support.cloudformation import Resolver
from tests.support.completion import api_names, client
from tests.support.stack import IMAGE, TEMPLATE

TEXT = (Path(__file__).parents[2] / "infra" / "task-definition.json").read_text(encoding="utf-8")
VALUES = {
    "ARTIFACTS_BUCKET": "artifacts",
    "BETTER_AUTH_SECRET_ARN": "arn:aws:secretsmanager:ca-central-1:123456789012:secret:auth-abcdef",
    "DATABASE_URL_SECRET_ARN": "arn:aws:secretsmanager:ca-central-1:123456789012:secret:database-abcdef",
    "EXECUTION_ROLE_ARN": "arn:aws:iam::123456789012:role/execution",
    "IMAGE_URI": IMAGE,
    "STAGE": "staging",
    "STATUS_QUEUE_URL": "https://sqs.ca-central-1.amazonaws.com/123456789012/status",
    "TASK_ROLE_ARN": "arn:aws:iam::123456789012:role/task",
}


@pytest.fixture
def filled_in() -> Any:
    return json.loads(Template(TEXT).substitute(VALUES))


def test_it_has_no_other_gaps() -> None:
    assert set(Template(TEXT).get_identifiers()) == set(VALUES)


def test_it_is_the_templates(filled_in: Any) -> None:
    parameters = {
        "ArtifactsBucketName": VALUES["ARTIFACTS_BUCKET"],
        "BetterAuthSecretArn": VALUES["BETTER_AUTH_SECRET_ARN"],
        "DatabaseUrlSecretArn": VALUES["DATABASE_URL_SECRET_ARN"],
        "ImageUri": VALUES["IMAGE_URI"],
        "Stage": VALUES["STAGE"],
    }
    references = {"StatusQueue": VALUES["STATUS_QUEUE_URL"], "WorkerLogs": "/sst/solstice-staging/import-worker"}
    roles = {"WorkerTaskRole": VALUES["TASK_ROLE_ARN"], "WorkerExecutionRole": VALUES["EXECUTION_ROLE_ARN"]}
    resolver = Resolver(TEMPLATE, parameters, REGION, references.__getitem__, lambda name, _: roles[name])
    assert filled_in == api_names(resolver.properties("WorkerTaskDefinition"))


@pytest.fixture
def server() -> Iterator[None]:
    with aws():
        yield


def test_it_can_be_registered(server: None, filled_in: Any) -> None:
    registered = client("ecs").register_task_definition(**filled_in)["taskDefinition"]
    assert (registered["family"], registered["revision"], registered["status"]) == ("sin-import-worker", 1, "ACTIVE")
    described = client("ecs").describe_task_definition(taskDefinition="sin-import-worker")["taskDefinition"]
    assert {key: described[key] for key in filled_in if key != "containerDefinitions"} == {
        key: value for key, value in filled_in.items() if key != "containerDefinitions"
    }
    (given,), (kept,) = filled_in["containerDefinitions"], described["containerDefinitions"]
    assert {key: kept[key] for key in given} == given
