"""One worker's attempt at one job: what it was asked to do, and what its steps need."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from import_worker.database.host import Actor
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.stats import Stats
from import_worker.importing.stopping import Stopping
from import_worker.objects import ObjectStore
from import_worker.telemetry.metrics import Metrics, NoMetrics


@dataclass(frozen=True)
class Listeners:
    """Functions that are called while an attempt goes on, in the worker's own threads: each must return quickly and
    raise nothing."""

    on_progress: Callable[[Stats], None] = lambda _: None
    on_planning: Callable[[PlanningProgress], None] = lambda _: None
    on_notice: Callable[[dict[str, Any]], None] = lambda _: None
    metrics: Metrics = field(default_factory=NoMetrics)


@dataclass(frozen=True)
class Attempt:
    """``number`` counts from 1 in each job. ``dry_run`` and ``retry`` are what this worker was asked for;
    ``failed_before``: the job had failed when this attempt took it."""

    job_id: UUID
    number: int
    actor: Actor
    dry_run: bool
    retry: bool
    failed_before: bool
    database_url: str
    store: ObjectStore
    chunk_bytes: int
    stopping: Stopping
    planning: PlanningProgress
    listeners: Listeners
