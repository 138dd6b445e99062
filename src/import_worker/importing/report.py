"""The reports of a job: a function of committed state, streamed, at fixed keys, so that making them twice is
harmless."""

from collections.abc import Iterator

from import_worker.artifacts import ReportKeys
from import_worker.database.attempts import list_attempts
from import_worker.database.chunks import list_chunks_with_failures
from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.database.row_errors import stream_report, stream_row_messages
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.rejected_records import RejectedRecords
from import_worker.job import Job
from import_worker.objects import ObjectMissing, ObjectStore
from import_worker.plan import normalized_key

MAX_JOB_ERRORS = 1_000
"""How many errors the host's own table is given."""


def write_reports(connection: Connection, store: ObjectStore, planned: PlannedJob) -> str:
    """Writes errors.csv and rejected.csv and fills import_job_errors, inside the caller's transaction.

    Returns the key of errors.csv. Raises ObjectStoreUnavailable (a retry may help), or JobFailed when the source is
    gone or changed.
    """
    keys = ReportKeys.of(planned.job_id)
    store.put(keys.errors, stream_report(connection, planned.job_id))
    store.put(keys.rejected, _rejected_rows(connection, store, planned))
    connection.execute(query("replace_job_errors"), {"job_id": planned.job_id, "limit": MAX_JOB_ERRORS})
    return keys.errors


def write_reports_without_values(
    connection: Connection, store: ObjectStore, job: Job, planned: PlannedJob | None
) -> None:
    """Removes every cell's value from the job's objects, after the raw values of its errors were deleted: errors.csv
    keeps everything else, rejected.csv its header, the normalised text nothing.

    The source file stays: it is the host's. Errors as for ``write_reports``.
    """
    keys = ReportKeys.of(job.id)
    if job.error_report_key == keys.errors:
        store.put(keys.errors, stream_report(connection, job.id))
    elif job.error_report_key is not None:  # another program wrote it, in a format of its own
        store.put(job.error_report_key, [b"rowNumber,fieldKey,errorType,errorMessage,rawValue\n"])
    if planned is not None and _is_there(store, keys.rejected):
        store.put(keys.rejected, [RejectedRecords(planned).header()])
    for attempt in list_attempts(connection, job.id):
        key = normalized_key(job.id, attempt["attempt"])
        if _is_there(store, key):
            store.put(key, [])


def _is_there(store: ObjectStore, key: str) -> bool:
    try:
        return store.head(key).size > 0
    except ObjectMissing:
        return False


def _rejected_rows(connection: Connection, store: ObjectStore, planned: PlannedJob) -> Iterator[bytes]:
    """The header and the rejected records, a chunk's at a time."""
    records = RejectedRecords(planned)
    yield records.header()
    messages = stream_row_messages(connection, planned.job_id)
    upcoming = next(messages, None)
    for chunk in list_chunks_with_failures(connection, planned.job_id):
        data = fetch_chunk(store, planned.plan, chunk)
        rejected = []
        while upcoming is not None and upcoming[0] < chunk.first_row + chunk.row_count:
            rejected.append(upcoming)
            upcoming = next(messages, None)
        yield records.lines(data, chunk.first_row, rejected)
