"""Taking a file in: everything that can be refused is refused first; then it is stored, and its job is created."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from import_worker.database.connection import Connection, transaction
from import_worker.database.forms import find_named_form, publish_form
from import_worker.database.host import Actor
from import_worker.database.jobs import WorkerJob, ensure_worker_job
from import_worker.database.queries import query
from import_worker.database.submitted import EarlierJob, find_earlier_job, lock_file
from import_worker.errors import DatabaseUnavailable, FailureReason, ImportWorkerError, JobFailed, UsageError
from import_worker.forms.definition import FormDefinition
from import_worker.importing.planning import check_actor, find_form, find_mapping
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.job import Job, Status
from import_worker.jobs.form_documents import FormFile
from import_worker.jobs.incoming_file import IncomingFile
from import_worker.jobs.preview import Preview, preview_file
from import_worker.objects import ObjectMissing, ObjectStore
from import_worker.options import JobOptions


@dataclass(frozen=True)
class Submission:
    """What a person wants imported, beside the file. Exactly one of ``form`` (to be published) and ``form_id`` is
    given; ``mapping`` is a document that was checked. ``again``: also a file that the form has got already."""

    organization_id: UUID
    actor: Actor
    form: FormFile | None = None
    form_id: UUID | None = None
    mapping: dict[str, Any] | None = None
    mapping_template_id: UUID | None = None
    options: JobOptions = field(default_factory=JobOptions)
    again: bool = False


@dataclass(frozen=True)
class CheckedSubmission:
    """A submission in which nothing is wrong, and the job that it is going to be."""

    submission: Submission
    preview: Preview
    job: Job


class SubmissionRefused(UsageError):
    """The file cannot be imported as it was asked for; nothing was stored. ``reason`` is a failure code, or
    ``already_submitted`` with the ``earlier`` job."""

    def __init__(
        self, message: str, reason: str, preview: Preview | None = None, earlier: EarlierJob | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.preview = preview or Preview()
        self.earlier = earlier

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of `submit` for it."""
        earlier = None if self.earlier is None else self.earlier.to_json()
        return {
            "jobId": None,
            **self.preview.to_json(),
            "problem": str(self),
            "reason": self.reason,
            "earlierJob": earlier,
        }


def check_submission(
    connection: Connection, incoming: IncomingFile, submission: Submission, progress: PlanningProgress | None = None
) -> CheckedSubmission:
    """Refuses whatever the import would be refused for, by the planner's own functions; writes nothing.

    Raises SubmissionRefused, UsageError, DatabaseUnavailable, or TransientError when there is no room for a temporary
    file.
    """
    job = _job_to_be(submission, incoming.name)
    try:
        with transaction(connection):
            check_actor(connection, job, submission.actor)
            form, job = _find_target(connection, submission, job)
            worker_job = WorkerJob(
                submission.options.changed(), submission.mapping, plan=None, rows_total=None, dry_run=False
            )
            given = find_mapping(connection, job, worker_job)
    except JobFailed as failure:
        raise SubmissionRefused(str(failure), failure.reason) from None
    progress = progress or PlanningProgress()
    preview = preview_file(incoming.blocks, incoming.size_bytes, form, given, submission.options, progress)
    if preview.reason is not None:
        raise SubmissionRefused(str(preview.problem), preview.reason, preview)
    checked = CheckedSubmission(submission, preview, job)
    with (
        suppress(psycopg.Rollback),
        transaction(connection),
    ):  # a missing privilege, or a trigger's refusal, shows before the file is stored
        _record(connection, checked)
        raise psycopg.Rollback
    return checked


def store_submission(
    connection: Connection, store: ObjectStore, incoming: IncomingFile, checked: CheckedSubmission
) -> UUID:
    """Stores the file and creates the job; returns its id.

    Raises SubmissionRefused when the form got the same file meanwhile; ObjectStoreUnavailable, UsageError or
    DatabaseUnavailable, of which the sentence says what is left. A retry may help with the unavailable.
    """
    job = checked.job
    store.put(job.source_file_key, incoming.blocks())
    with _taken_back(store, job), transaction(connection):
        _record(connection, checked)
    return job.id


def _job_to_be(submission: Submission, file_name: str) -> Job:
    job_id = uuid4()
    return Job(
        id=job_id,
        organization_id=submission.organization_id,
        lane="batch",
        status=Status.PENDING,
        source_file_key=f"imports/{submission.organization_id}/{job_id}/{_safe_name(file_name)}",
        source_file_hash=None,
        source_row_count=None,
        target_form_id=submission.form_id,
        mapping_template_id=submission.mapping_template_id,
        created_by=submission.actor.user_id,
        created_at=datetime.now(UTC),
        started_at=None,
        completed_at=None,
        progress_checkpoint=0,
        stats={},
        error_report_key=None,
        error_summary={},
    )


def _find_target(connection: Connection, submission: Submission, job: Job) -> tuple[FormDefinition, Job]:
    """The form, and the job with the form's id, which a form that is not published yet has not got."""
    if submission.form is None:
        return find_form(connection, job)[1], job
    named = find_named_form(connection, submission.organization_id, submission.form.name)
    if named is not None and named.status != "published":
        raise JobFailed(
            FailureReason.FORM_NOT_PUBLISHED,
            f"The organisation has a form {submission.form.name!r} that is {named.status}; publish it, or give the"
            " form's file another name.",
        )
    return FormDefinition.parse(submission.form.definition), replace(
        job, target_form_id=None if named is None else named.id
    )


def _record(connection: Connection, checked: CheckedSubmission) -> None:
    """Publishes the form and creates the job, inside the caller's transaction."""
    submission, job, preview = checked.submission, checked.job, checked.preview
    assert preview.sha256 is not None  # it was read to its end
    lock_file(connection, job.organization_id, preview.sha256)
    form_id = submission.form_id
    if submission.form is not None:
        name, definition = submission.form.name, submission.form.definition
        form_id = publish_form(connection, submission.organization_id, submission.actor.user_id, name, definition)
    assert form_id is not None  # one of the two is given
    earlier = None if submission.again else find_earlier_job(connection, form_id, job.organization_id, preview.sha256)
    if earlier is not None:
        raise SubmissionRefused(earlier.sentence(), "already_submitted", preview, earlier)
    connection.execute(
        query("create_job"),
        {
            "job_id": job.id,
            "organization_id": job.organization_id,
            "type": "excel" if preview.is_workbook else "csv",  # a hint: the content decides
            "source_file_key": job.source_file_key,
            "source_file_hash": preview.sha256,
            "form_id": form_id,
            "mapping_template_id": submission.mapping_template_id,
            "user_id": submission.actor.user_id,
        },
    )
    ensure_worker_job(connection, job.id, submission.options.changed(), submission.mapping)


@contextmanager
def _taken_back(store: ObjectStore, job: Job) -> Iterator[None]:
    """When the job cannot be recorded, its file is removed again, as far as these credentials may; what is left is
    said."""
    try:
        yield
    except DatabaseUnavailable as error:
        # The answer to a COMMIT may be what is missing: then the job is there and needs its file.
        raise DatabaseUnavailable(
            f"{error} Whether job {job.id} was made is not certain; `import-worker status {job.id}` tells. Its file is"
            f" stored as {store.locate(job.source_file_key)}."
        ) from error
    except SubmissionRefused as refused:
        message = f"{refused} {_take_back(store, job)}"
        raise SubmissionRefused(message, refused.reason, refused.preview, refused.earlier) from None
    except (ImportWorkerError, psycopg.Error) as error:
        if isinstance(error, UsageError):
            raise UsageError(f"{error} No job was made. {_take_back(store, job)}") from error
        _take_back(store, job)
        raise


def _take_back(store: ObjectStore, job: Job) -> str:
    where = store.locate(job.source_file_key)
    with suppress(ImportWorkerError, ObjectMissing):
        store.remove(job.source_file_key)
        return f"The file that was stored as {where} is removed again."
    return f"The file is stored as {where} and could not be removed; remove it there."


def _safe_name(name: str) -> str:
    """The file's name without what object keys or shells would trip over; never empty, never `..`."""
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._") or "file"
