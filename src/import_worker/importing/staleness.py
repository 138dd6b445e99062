"""Whether a stored plan still fits its job: the host may have set another file, mapping or form on it since."""

from typing import Any

from import_worker.database import chunks, import_jobs
from import_worker.database.connection import Connection
from import_worker.database.host import get_mapping_template, get_published_version
from import_worker.errors import FailureReason, JobFailed
from import_worker.job import Job
from import_worker.plan import JobPlan


def get_given_mapping(connection: Connection, job: Job, worker_job: import_jobs.WorkerJob) -> Any:
    """The mapping's JSON as it was given, or None where headers are matched by name (or the template is gone); inside
    the caller's transaction."""
    if worker_job.mapping is not None or job.mapping_template_id is None:
        return worker_job.mapping
    template = get_mapping_template(connection, job.mapping_template_id, job.organization_id)
    return None if template is None else template[0]


def count_rows_in(connection: Connection, job: Job, worker_job: import_jobs.WorkerJob | None) -> int:
    """How many rows the job's chunks have put in; inside the caller's transaction."""
    if worker_job is None or worker_job.plan is None or worker_job.dry_run:
        return 0
    return chunks.get_progress(connection, job.id).rows_succeeded


def source_differs(job: Job, plan: JobPlan) -> bool:
    """Whether the job names another file than the plan was made of."""
    given = (job.source_file_hash or "").lower()
    return job.source_file_key != plan.source_key or bool(given and given != plan.sha256)


def is_stale(connection: Connection, job: Job, worker_job: import_jobs.WorkerJob) -> bool:
    """Whether source, mapping or form have changed since the plan was made; inside the caller's transaction. A plan
    of an earlier version lacks its given mapping, and counts as changed."""
    if worker_job.plan is None:
        return False
    plan = worker_job.plan
    if source_differs(job, plan) or str(job.target_form_id) != plan.form_id:
        return True
    version = None if job.target_form_id is None else get_published_version(connection, job.target_form_id)
    if version is None or str(version.id) != plan.form_version_id:
        return True
    return plan.given is None or plan.given.get("mapping") != get_given_mapping(connection, job, worker_job)


def check_source(job: Job, plan: JobPlan) -> None:
    """Raises JobFailed ``source_file_changed`` when the job names another file than the one whose rows go in."""
    if source_differs(job, plan):
        raise JobFailed(
            FailureReason.SOURCE_FILE_CHANGED,
            f"The job was given another source file ({job.source_file_key}) while {plan.source_key} was imported. Roll"
            " the job back where rows are in, and run it again, or submit the new file as a job of its own.",
        )
