"""What can go wrong, as types: the caller's next step follows from the class.

::

    ImportWorkerError                one sentence for a person in ``str(error)``
    ├── UsageError                   the call or a setting is wrong; change it                 (exit 2)
    │   ├── QueueRefused             aws.queues: no such queue, no permission, no credentials
    │   ├── StarterRefused           launching.starters: ECS will start no worker until somebody mends something
    │   └── SubmissionRefused        jobs.submit: the file, or the form it is for
    ├── JobFailed                    the job can never succeed as it is; reason recorded on it (exit 3)
    ├── Interrupted                  stopped after the last whole chunk; run it again          (exit 4)
    ├── JobRefused                   this job may not run now                                  (exit 5)
    └── TransientError               something outside failed; the same call may succeed later (exit 1)
        ├── DatabaseUnavailable
        ├── ObjectStoreUnavailable
        ├── QueueUnavailable         aws.queues
        └── StarterUnavailable       launching.starters

The type says whether an error is terminal or transient: a retry may help after a TransientError and its subclasses, and
after Interrupted; after no other. No error says so by a flag.

Beside the tree are exceptions that say what a module found, and whose caller decides what follows. No person ever sees
them::

    Exception
    ├── ObjectChanged                objects: another version than was asked for; the caller raises a JobFailed
    ├── ObjectMissing                objects: no such key; the same
    ├── OtherEncoding                sources.detect.late_encoding: the file is read again, in that encoding
    ├── RowsRefused                  targets.refusal: the rows' savepoint is undone; they are loaded by halves
    └── UntranslatableError          forms.rules.pattern_syntax: the pattern is run another way

Driver errors are translated into these once, where the driver is called, and never again further up: psycopg's in
``database.connection``, botocore's and obstore's by what ``aws.refusals`` says of them.
"""

from enum import StrEnum
from typing import Any


class FailureReason(StrEnum):
    """Why a job failed for good (``error_summary.reason``)."""

    SOURCE_FILE_MISSING = "source_file_missing"
    SOURCE_FILE_HASH_MISMATCH = "source_file_hash_mismatch"
    SOURCE_FILE_CHANGED = "source_file_changed"
    SOURCE_FILE_EMPTY = "source_file_empty"
    SOURCE_OUTSIDE_ORGANIZATION = "source_outside_organization"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNREADABLE_FILE = "unreadable_file"
    HEADER_MISSING = "header_missing"
    DUPLICATE_HEADER = "duplicate_header"
    MAPPED_HEADER_MISSING = "mapped_header_missing"
    UNKNOWN_MAPPED_FIELD = "unknown_mapped_field"
    REQUIRED_FIELD_NOT_MAPPED = "required_field_not_mapped"
    FORM_NOT_FOUND = "form_not_found"
    FORM_NOT_PUBLISHED = "form_not_published"
    INVALID_FORM_DEFINITION = "invalid_form_definition"
    MAPPING_TEMPLATE_MISSING = "mapping_template_missing"
    INVALID_MAPPING = "invalid_mapping"
    ACTOR_NOT_AUTHORIZED = "actor_not_authorized"
    TOO_MANY_REJECTED_ROWS = "too_many_rejected_rows"
    LIMIT_EXCEEDED = "limit_exceeded"
    TARGET_REJECTED = "target_rejected"
    BEGUN_ELSEWHERE = "begun_elsewhere"
    RECONCILIATION_FAILED = "reconciliation_failed"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    DEADLINE_EXCEEDED = "deadline_exceeded"


class ImportWorkerError(Exception):
    """Any error that this program reports in one sentence instead of a traceback."""

    exit_code = 1


class UsageError(ImportWorkerError):
    """The command line or a setting is wrong. Repeating the call does not help; changing it does."""

    exit_code = 2


class JobFailed(ImportWorkerError):
    """The job can never succeed as it is. No retry helps; the reason is recorded on the job.

    ``details`` are further keys of ``error_summary`` (JSON values).
    """

    exit_code = 3

    def __init__(self, reason: FailureReason | str, message: str, **details: Any) -> None:
        """``reason`` is a plain text only where another program recorded it."""
        super().__init__(message)
        self.reason = reason
        self.details = details


class Interrupted(ImportWorkerError):
    """Stopped on request after the last whole chunk. Running the job again goes on from there."""

    exit_code = 4


class JobRefused(ImportWorkerError):
    """The job is unknown, or in a state in which it may not run."""

    exit_code = 5


class TransientError(ImportWorkerError):
    """Something outside this program failed. The same call may succeed later."""


class DatabaseUnavailable(TransientError):
    """PostgreSQL did not answer, or broke the connection off. Nothing is stored that was not committed."""


class ObjectStoreUnavailable(TransientError):
    """The object store did not answer, or broke off."""
