"""A job with its plan: the one value that every step of an attempt is given. Pure."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self
from uuid import UUID

from import_worker.errors import JobRefused, UsageError
from import_worker.forms.binding import Binding
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.validator import Validator
from import_worker.job import Job
from import_worker.options import JobOptions
from import_worker.plan import JobPlan
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.read.chunk_reader import ChunkReader
from import_worker.targets.submissions.keys import SubmissionKeys


@dataclass(frozen=True)
class PlannedJob:
    """``dry_run``: whether the job is planned as a dry run, whatever this worker was asked to do.

    Each part of the plan is parsed once, when it is first needed. All were valid when the plan was made; one that is
    invalid all the same raises JobFailed, and no retry helps.
    """

    job_id: UUID
    organization_id: UUID
    job_created_at: datetime
    plan: JobPlan
    dry_run: bool

    @classmethod
    def of(cls, job: Job, plan: JobPlan, *, dry_run: bool) -> Self:
        return cls(job.id, job.organization_id, job.created_at, plan, dry_run)

    @cached_property
    def form(self) -> FormDefinition:
        return FormDefinition.parse(self.plan.definition)

    @cached_property
    def mapping(self) -> HeaderMapping:
        return HeaderMapping.parse(self.plan.mapping)

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        return bind(self.form, self.mapping, self.plan.header)

    @cached_property
    def dialect(self) -> Dialect:
        return Dialect(**self.plan.dialect)

    @cached_property
    def options(self) -> JobOptions:
        """Raises JobRefused for options that only a later version knows."""
        try:
            return JobOptions.parse(self.plan.options)
        except UsageError as error:
            raise JobRefused(
                f"The job was planned by a later version of import-worker; run it with that one. {error}"
            ) from None

    @cached_property
    def keys(self) -> SubmissionKeys:
        """With the job's creation time as the plan has it; plans of earlier versions lack it, and the job's own
        counts."""
        pinned = self.plan.job_created_at
        return SubmissionKeys(
            job_id=self.job_id,
            job_created_at=self.job_created_at if pinned is None else datetime.fromisoformat(pinned),
            form_id=UUID(self.plan.form_id),
            form_version_id=UUID(self.plan.form_version_id),
            organization_id=self.organization_id,
            submitter_id=self.plan.actor,
            file_fields=tuple(self.plan.file_fields),
        )

    def validator(self, place: FilePlace | None = None) -> Validator:
        """``place``: where the form's files lie; may be None where no file field is mapped."""
        return Validator(self.form, self.bindings, place)

    def reader(self, columns: tuple[int, ...]) -> ChunkReader:
        """``columns`` count from 0."""
        pad = self.options.ragged_rows == "pad"
        return ChunkReader(self.dialect, tuple(self.plan.header), columns, pad=pad)
