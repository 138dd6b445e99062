"""Workers as tasks of ECS on Fargate.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

from import_worker.aws import clients
from import_worker.aws.refusals import TransientRefusal, boto_errors, refusal_of
from import_worker.launching.plain_sentence import plain_sentence
from import_worker.launching.starters import EndedWorker, Order, Purpose, StarterRefused, StarterUnavailable

CONTAINER = "import-worker"
UNLISTED_SECONDS = 60.0
"""ECS is eventually consistent: a task may be missing from the list for a moment after RunTask."""


class EcsTasks:
    """Tasks are not watched: once RunTask has accepted one, only reaping finds out that it died."""

    watches = False

    def __init__(
        self,
        cluster: str,
        task_definition: str,
        *,
        subnets: Sequence[str],
        security_groups: Sequence[str],
        limit: int,
        stage: str,
    ) -> None:
        """``task_definition``: a family, a family with revision, or an ARN. Raises as ``clients.make_client``."""
        self.limit = limit
        self._cluster = cluster
        self._task_definition = task_definition
        self._family = task_definition.rpartition("/")[2].partition(":")[0]
        self._started_by = re.sub(r"[^A-Za-z0-9_-]", "-", f"import-worker-{stage}")[:36]
        self._network = {
            "awsvpcConfiguration": {
                "subnets": list(subnets),
                "securityGroups": list(security_groups),
                "assignPublicIp": "DISABLED",
            }
        }
        self._unlisted: dict[str, float] = {}
        self._rollbacks: dict[UUID, float] = {}
        """When each was last started, for as long as it may be unlisted."""
        self._client = clients.make_client("ecs")

    def room(self) -> int:
        """Counts all tasks of the family, whoever started them, also those that are still starting."""
        listed: set[str] = set()
        with _translate_errors("ECS did not list the running tasks"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=self._cluster, family=self._family, desiredStatus="RUNNING"
            )
            for page in pages:
                listed.update(page["taskArns"])
        now = monotonic()
        self._unlisted = {
            arn: started
            for arn, started in self._unlisted.items()
            if arn not in listed and now - started < UNLISTED_SECONDS
        }
        return max(0, self.limit - len(listed) - len(self._unlisted))

    def start(self, order: Order) -> str:
        environment = [{"name": name, "value": value} for name, value in order.environment.items()]
        with _translate_errors("ECS did not start a task"):
            answer = self._client.run_task(
                cluster=self._cluster,
                taskDefinition=self._task_definition,
                count=1,
                launchType="FARGATE",
                clientToken=order.token,
                # The only attribute by which a job's tasks can be listed; at most 36 characters.
                startedBy=self._started_by if order.purpose is Purpose.IMPORT else str(order.job_id),
                propagateTags="TASK_DEFINITION",
                networkConfiguration=self._network,
                overrides={
                    "containerOverrides": [
                        {"name": CONTAINER, "command": list(order.command), "environment": environment}
                    ]
                },
            )
        tasks = answer.get("tasks", [])
        if not tasks:
            failures = answer.get("failures", [])
            why = "; ".join(filter(None, (str(failure.get("reason", "")) for failure in failures))) or "no reason given"
            raise StarterUnavailable(plain_sentence(f"ECS accepted the call but started no task: {why}."))
        arn = str(tasks[0]["taskArn"])
        self._unlisted[arn] = monotonic()
        if order.purpose is Purpose.ROLLBACK:
            self._rollbacks[order.job_id] = monotonic()
        return arn

    def running(self, job_id: UUID, purpose: Purpose = Purpose.IMPORT) -> int:
        if purpose is Purpose.IMPORT:
            return 0  # the database knows
        with _translate_errors("ECS did not list the running tasks"):
            answer = self._client.list_tasks(cluster=self._cluster, startedBy=str(job_id), desiredStatus="RUNNING")
        if answer["taskArns"]:
            return len(answer["taskArns"])
        now = monotonic()
        self._rollbacks = {each: at for each, at in self._rollbacks.items() if now - at < UNLISTED_SECONDS}
        return int(job_id in self._rollbacks)

    def ended(self) -> list[EndedWorker]:
        return []

    def stop(self) -> list[EndedWorker]:
        return []


@contextmanager
def _translate_errors(what: str) -> Iterator[None]:
    try:
        yield
    except boto_errors() as error:
        refusal = refusal_of(error)
        why = f"{refusal.code}: {refusal.aws_message}" if refusal.aws_message else refusal.brief
        kind = StarterUnavailable if isinstance(refusal, TransientRefusal) else StarterRefused
        raise kind(plain_sentence(f"{what} ({why}).")) from None
