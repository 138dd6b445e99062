"""Checking what `dispatch` needs to start tasks. No task is started, so RunTask itself is not tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from import_worker.aws import clients
from import_worker.aws.refusals import boto_errors
from import_worker.checks.answers import answer_of
from import_worker.checks.check import Check, failed, info, ok, warning
from import_worker.checks.identity import CALL_SECONDS

CONTAINER = "import-worker"
_CLUSTER, _TASK, _NETWORK = "ecs: cluster", "ecs: task definition", "ecs: network"


@dataclass(frozen=True)
class EcsSettings:
    """As in the settings, with subnets and security groups split at the commas."""

    cluster: str | None
    task_definition: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


def check_ecs(settings: EcsSettings) -> Iterator[Check]:
    if settings.cluster is None:
        stray = {
            "SIN_IMPORT_ECS_SUBNETS": settings.subnets,
            "SIN_IMPORT_ECS_SECURITY_GROUPS": settings.security_groups,
        }
        named = [name for name, value in stray.items() if value]
        if named:
            yield warning(
                _CLUSTER,
                f"SIN_IMPORT_ECS_CLUSTER is not set, so {', '.join(named)} has no effect",
                "Set SIN_IMPORT_ECS_CLUSTER, or leave the others away.",
            )
        else:
            yield info(_CLUSTER, "SIN_IMPORT_ECS_CLUSTER is not set, so `dispatch` starts local processes")
        return
    client = clients.make_client("ecs", read_timeout=CALL_SECONDS, attempts=1)
    yield _check_cluster(client, settings.cluster)
    yield _check_task_definition(client, settings.task_definition)
    if settings.subnets and settings.security_groups:
        yield ok(_NETWORK, f"{len(settings.subnets)} subnets, {len(settings.security_groups)} security groups")
    else:
        missing = [
            name
            for name, value in (
                ("SIN_IMPORT_ECS_SUBNETS", settings.subnets),
                ("SIN_IMPORT_ECS_SECURITY_GROUPS", settings.security_groups),
            )
            if not value
        ]
        yield failed(
            _NETWORK,
            f"{' and '.join(missing)} not set",
            f"Set {' and '.join(missing)}, comma separated; a task in awsvpc mode cannot start without.",
        )
    yield info(
        "ecs: start tasks",
        "not checked, because only starting a task shows it",
        "The dispatcher's role must allow ecs:RunTask on the task definition, and iam:PassRole on its two roles.",
    )


def _check_cluster(client: Any, cluster: str) -> Check:
    try:
        answer = client.describe_clusters(clusters=[cluster])
    except boto_errors() as error:
        answer = answer_of(error, "ecs:DescribeClusters", cluster)
        if answer.denied:
            return _unseen(_CLUSTER, "ecs:DescribeClusters")
        return failed(_CLUSTER, answer.found, answer.cure)
    found = [entry for entry in answer["clusters"] if entry.get("status") == "ACTIVE"]
    if not found:
        return failed(
            _CLUSTER,
            f"there is no active cluster {cluster} in {client.meta.region_name}",
            "Create it, or name another in SIN_IMPORT_ECS_CLUSTER.",
        )
    return ok(_CLUSTER, cluster)


def _check_task_definition(client: Any, family: str) -> Check:
    try:
        definition = client.describe_task_definition(taskDefinition=family)["taskDefinition"]
    except boto_errors() as error:
        answer = answer_of(error, "ecs:DescribeTaskDefinition", family)
        if answer.denied:
            return _unseen(_TASK, "ecs:DescribeTaskDefinition")
        if answer.refusal.code == "ClientException":
            return failed(
                _TASK,
                f"there is no task definition {family} in {client.meta.region_name}",
                "Register it, or name another in SIN_IMPORT_ECS_TASK_DEFINITION.",
            )
        return failed(_TASK, answer.found, answer.cure)
    names = [container.get("name") for container in definition.get("containerDefinitions", [])]
    if CONTAINER not in names:
        return failed(
            _TASK,
            f"{family} has no container named {CONTAINER} (it has {', '.join(map(str, names)) or 'none'})",
            f"Name the worker's container {CONTAINER}: the job's id goes there.",
        )
    return ok(_TASK, f"{definition['family']}:{definition['revision']}")


def _unseen(name: str, permission: str) -> Check:
    return info(name, f"not checked, because {permission} is not allowed, and `dispatch` does not need it")
