"""Does what Fargate does on this machine: runs every task that moto's ECS has accepted as a process.

Command and environment come from the task definition and the task's own overrides, as AWS puts them together:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import boto3

from import_worker.launching.starters.ecs import EcsTasks

ENTRYPOINT = (sys.executable, "-P", "-m", "import_worker")
CLUSTER = "imports"
FAMILY = "sin-import-worker"
_POLL_SECONDS = 0.1


def make_cluster(environment: Mapping[str, str], *, family: str = FAMILY) -> dict[str, str]:
    """A cluster, a network and a task definition whose container has that environment; returns the dispatcher's
    settings for them."""
    ec2, ecs = boto3.client("ec2"), boto3.client("ecs")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    groups = [group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]][:1]
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="2048",
        memory="4096",
        containerDefinitions=[
            {
                "name": "import-worker",
                "image": "solstice-import-worker",
                "memory": 4096,  # moto cannot add up tasks without it
                "environment": [{"name": name, "value": value} for name, value in environment.items()],
            }
        ],
    )
    return {
        "SIN_IMPORT_ECS_CLUSTER": CLUSTER,
        "SIN_IMPORT_ECS_TASK_DEFINITION": family,
        "SIN_IMPORT_ECS_SUBNETS": ",".join(subnets),
        "SIN_IMPORT_ECS_SECURITY_GROUPS": ",".join(groups),
    }


def ecs_tasks(environment: Mapping[str, str], *, limit: int, stage: str, arn: str = "") -> EcsTasks:
    """The starter of tasks in a new cluster, made by ``make_cluster``. It names the task definition by its family or,
    if ``arn`` is given, by its ARN, which begins with ``arn``."""
    names = make_cluster(environment)
    return EcsTasks(
        names["SIN_IMPORT_ECS_CLUSTER"],
        f"{arn}{FAMILY}:1" if arn else FAMILY,
        subnets=names["SIN_IMPORT_ECS_SUBNETS"].split(","),
        security_groups=names["SIN_IMPORT_ECS_SECURITY_GROUPS"].split(","),
        limit=limit,
        stage=stage,
    )


def container_of(task_definition: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment, secrets among them, that ECS hands to a task definition's only container."""
    definition = boto3.client("ecs").describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    secrets = boto3.client("secretsmanager")
    environment = {entry["name"]: entry["value"] for entry in container.get("environment", [])}
    environment |= {
        entry["name"]: secrets.get_secret_value(SecretId=entry["valueFrom"])["SecretString"]
        for entry in container.get("secrets", [])
    }
    return list(container.get("command", [])), environment


def all_tasks() -> list[dict[str, Any]]:
    """Every task that was ever accepted, as ECS describes it."""
    ecs = boto3.client("ecs")
    arns = {
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(cluster=CLUSTER, desiredStatus=status)["taskArns"]
    }
    return ecs.describe_tasks(cluster=CLUSTER, tasks=sorted(arns))["tasks"] if arns else []


class Fargate:
    """Runs each new task once, and tells ECS when its process has ended."""

    def __init__(self, cluster: str, environment: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._environment = environment
        self.outputs: dict[str, IO[str]] = {}
        self._ecs = boto3.client("ecs")
        self._done = threading.Event()
        self._lock = threading.Lock()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.codes: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="fargate", daemon=True)
        self._thread.start()

    def kill(self, arn: str) -> None:
        with self._lock:
            self.processes[arn].send_signal(signal.SIGKILL)

    def close(self) -> None:
        self._done.set()
        self._thread.join(30)
        for process in self.processes.values():
            process.kill()
            process.wait(10)
        for output in self.outputs.values():
            output.close()

    def printed(self) -> str:
        """What all tasks together have written to stdout."""
        texts = []
        for output in self.outputs.values():
            output.seek(0)
            texts.append(output.read())
        return "".join(texts)

    def _run(self) -> None:
        while not self._done.wait(_POLL_SECONDS):
            for task in self._running():
                arn = task["taskArn"]
                if arn not in self.processes:
                    with self._lock:
                        self.processes[arn] = self._start(task)
            for arn, process in list(self.processes.items()):
                if arn not in self.codes and process.poll() is not None:
                    self.codes[arn] = process.returncode
                    self._ecs.stop_task(cluster=self._cluster, task=arn, reason="Essential container in task exited")

    def _running(self) -> list[Any]:
        arns = self._ecs.list_tasks(cluster=self._cluster, desiredStatus="RUNNING")["taskArns"]
        return list(self._ecs.describe_tasks(cluster=self._cluster, tasks=arns)["tasks"]) if arns else []

    def _start(self, task: dict[str, Any]) -> "subprocess.Popen[bytes]":
        command, environment = container_of(task["taskDefinitionArn"])
        (override,) = task["overrides"]["containerOverrides"]
        assert override["name"] == "import-worker"
        command = override.get("command") or command
        environment |= {entry["name"]: entry["value"] for entry in override.get("environment", [])}
        output = self.outputs[task["taskArn"]] = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed with the others)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [*ENTRYPOINT, *command],
            env=kept | dict(self._environment) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def fargate(cluster: str = CLUSTER, environment: Mapping[str, str] | None = None) -> Iterator[Fargate]:
    """``environment``: what the platform gives to every task."""
    running = Fargate(cluster, environment or {})
    try:
        yield running
    finally:
        running.close()
