"""Chooses the target of a job, and the way to undo it: the only module that names the implementations."""

from uuid import UUID

from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.target import SubmissionTarget
from import_worker.targets.submissions.undo import SubmissionUndo
from import_worker.targets.target import Target
from import_worker.targets.undo import Undo


def target_of(keys: SubmissionKeys) -> Target:
    """The target of a planned job. ``keys``: what its submissions have in common."""
    return SubmissionTarget(keys)


def undo_of(job_id: UUID, keys: SubmissionKeys | None, rows_total: int) -> Undo:
    """The way to remove a job's rows. ``keys`` and ``rows_total`` are those of its plan; None and 0 if it has none."""
    return SubmissionUndo(job_id, None if keys is None else keys.ids, rows_total)
