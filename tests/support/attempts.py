"""A planned job, and an attempt at one, as the product's own steps take them."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from import_worker.database import import_jobs
from import_worker.database.connection import connect, transaction
from import_worker.database.host import Actor
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_names import match_headers
from import_worker.importing.attempt import Attempt, Listeners
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.importing.stopping import Stopping
from import_worker.plan import JobPlan
from import_worker.sources.cut.dialect import Dialect
from tests.support.host import Host


def planned_job(database_url: str, job_id: UUID) -> PlannedJob:
    with connect(database_url) as connection, transaction(connection):
        job, own = import_jobs.require_job(connection, job_id), import_jobs.get_worker_job(connection, job_id)
    assert own is not None
    assert own.plan is not None
    return PlannedJob.of(job, own.plan, dry_run=own.dry_run)


def make_attempt(host: Host, job_id: UUID, number: int, planning: PlanningProgress | None = None) -> Attempt:
    """An attempt that nothing stops and nobody listens to."""
    return Attempt(
        job_id=job_id,
        number=number,
        actor=Actor(host.user_id, ()),
        dry_run=False,
        retry=False,
        failed_before=False,
        database_url=host.database_url,
        store=host.store,
        chunk_bytes=1 << 23,
        stopping=Stopping(threading.Event()),
        planning=planning or PlanningProgress(),
        listeners=Listeners(),
    )


def make_unstored_job(form: dict[str, Any], header: Sequence[str], dialect: Dialect, **plan: Any) -> PlannedJob:
    """A job that no database knows, whose headers are matched to the form's fields by themselves. ``plan``: what else
    its plan says."""
    values: dict[str, Any] = {
        "source_key": "",
        "etag": "",
        "size": 0,
        "sha256": "",
        "dialect": dialect.to_json(),
        "header": list(header),
        "header_record": "",
        "form_id": "",
        "form_version_id": "",
        "definition": form,
        "mapping": match_headers(header, FormDefinition.parse(form)).to_json(),
        "options": {},
        "actor": "",
        "rows_total": 0,
    }
    return PlannedJob(uuid4(), uuid4(), datetime.now(UTC), JobPlan(**values | plan), dry_run=False)
