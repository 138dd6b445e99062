"""Submitting a file: everything that can be refused is refused first; then the file is stored and its job created."""

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
from import_worker.database.import_jobs import WorkerJob, ensure_worker_job
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
    """What a person submits together with a file. Exactly one of ``form`` (to be published) and ``form_id`` is given;
    ``mapping`` is a document that was checked. ``again``: accepts a file that was imported into the form before."""

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
    """A submission that was found to be in order, and the job to be created for it."""

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
        """The ``--json`` document of `submit` for a refusal."""
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
    """Checks everything that the import would be refused for, with the planner's own functions; stores nothing.

    Raises SubmissionRefused, UsageError, DatabaseUnavailable, or TransientError when there is no room for a temporary
    file.
    """
    job = _make_job(submission, incoming.name)
    try:
        with transaction(connection):
            check_actor(connection, job, submission.actor)
            form, job = _find_form_of_job(connection, submission, job)
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

    Raises SubmissionRefused when the same file was submitted to the form meanwhile; ObjectStoreUnavailable or
    DatabaseUnavailable (a retry may help) or UsageError, whose sentences say what is left of the file.
    """
    job = checked.job
    store.put(job.source_file_key, incoming.blocks())
    with _remove_file_on_error(store, job), transaction(connection):
        _record(connection, checked)
    return job.id


def _make_job(submission: Submission, file_name: str) -> Job:
    job_id = uuid4()
    return Job(
        id=job_id,
        organization_id=submission.organization_id,
        lane="batch",
        status=Status.PENDING,
        source_file_key=f"imports/{submission.organization_id}/{job_id}/{_make_safe_name(file_name)}",
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


def _find_form_of_job(connection: Connection, submission: Submission, job: Job) -> tuple[FormDefinition, Job]:
    """The form's definition, and the job with the form's id, or without one where the form is still to be published."""
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
    assert preview.sha256 is not None  # the preview read the file to its end
    lock_file(connection, job.organization_id, preview.sha256)
    form_id = submission.form_id
    if submission.form is not None:
        name, definition = submission.form.name, submission.form.definition
        form_id = publish_form(connection, submission.organization_id, submission.actor.user_id, name, definition)
    assert form_id is not None  # a Submission has one of the two
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
def _remove_file_on_error(store: ObjectStore, job: Job) -> Iterator[None]:
    """Removes the file again when the job cannot be recorded, if the credentials allow it; the error says what is
    left."""
    try:
        yield
    except DatabaseUnavailable as error:
        # The COMMIT may have succeeded although no answer came: then the job is there and needs its file.
        raise DatabaseUnavailable(
            f"{error} Whether job {job.id} was made is not certain; `import-worker status {job.id}` tells. Its file is"
            f" stored as {store.locate(job.source_file_key)}."
        ) from error
    except SubmissionRefused as refused:
        message = f"{refused} {_remove_file(store, job)}"
        raise SubmissionRefused(message, refused.reason, refused.preview, refused.earlier) from None
    except (ImportWorkerError, psycopg.Error) as error:
        if isinstance(error, UsageError):
            raise UsageError(f"{error} No job was made. {_remove_file(store, job)}") from error
        _remove_file(store, job)
        raise


def _remove_file(store: ObjectStore, job: Job) -> str:
    """Returns the sentence that says whether the file is removed."""
    where = store.locate(job.source_file_key)
    with suppress(ImportWorkerError, ObjectMissing):
        store.remove(job.source_file_key)
        return f"The file that was stored as {where} is removed again."
    return f"The file is stored as {where} and could not be removed; remove it there."


def _make_safe_name(name: str) -> str:
    """Removes from a file's name what is not safe in object keys and shells; never empty, never `..`."""
    return re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII).strip("._") or "file"
