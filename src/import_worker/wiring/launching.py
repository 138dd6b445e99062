"""The queues and the starter of workers for `dispatch` and `reap`."""

from import_worker.aws.queues import Queue
from import_worker.errors import UsageError
from import_worker.launching.starters import Starter
from import_worker.launching.starters.processes import Processes
from import_worker.settings import Settings


def make_launch_queue(settings: Settings) -> Queue | None:
    """The queue of launch messages, or None without ``SIN_IMPORT_QUEUE_URL``. Raises UsageError."""
    return None if settings.queue_url is None else Queue(settings.queue_url, "SIN_IMPORT_QUEUE_URL")


def make_dead_letter_queue(settings: Settings) -> Queue | None:
    """The queue of messages that are put aside, or None. Raises UsageError."""
    url = settings.dead_letter_queue_url
    return None if url is None else Queue(url, "SIN_IMPORT_DEAD_LETTER_QUEUE_URL")


def make_starter(settings: Settings) -> Starter:
    """Starts ECS tasks when a cluster is named, processes of this machine otherwise. Raises UsageError."""
    if settings.ecs_cluster is None:
        return Processes(settings.max_tasks)
    if not settings.ecs_subnets or not settings.ecs_security_groups:
        raise UsageError(
            "With SIN_IMPORT_ECS_CLUSTER, SIN_IMPORT_ECS_SUBNETS and SIN_IMPORT_ECS_SECURITY_GROUPS must name where"
            " tasks run."
        )
    from import_worker.launching.starters.ecs import EcsTasks  # noqa: PLC0415  (a laptop needs none of it)

    return EcsTasks(
        settings.ecs_cluster,
        settings.ecs_task_definition,
        subnets=settings.ecs_subnets,
        security_groups=settings.ecs_security_groups,
        limit=settings.max_tasks,
        stage=settings.stage,
    )
