"""The reports of a job: a function of committed state, streamed, at fixed keys, so that making them twice is
harmless."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from import_worker.database.attempts import list_attempts
from import_worker.database.chunks import chunks_with_failures
from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.database.row_errors import stream_report, stream_row_messages
from import_worker.importing.chunk_bytes import fetch_chunk
from import_worker.importing.planned_job import PlannedJob
from import_worker.job import Job
from import_worker.objects import ObjectMissing, ObjectStore
from import_worker.plan import JobPlan, normalized_key
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import count_named, parse_record
from import_worker.sources.cut.scan import scan
from import_worker.sources.transcode import from_text, readable

MAX_JOB_ERRORS = 1_000
"""How many errors the host's own table is given."""


@dataclass(frozen=True)
class ReportKeys:
    """Keys of the report objects of a job."""

    errors: str
    rejected: str

    @classmethod
    def of(cls, job_id: UUID) -> "ReportKeys":
        return cls(f"imports/{job_id}/errors.csv", f"imports/{job_id}/rejected.csv")


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


def kept_key(job_id: UUID) -> str:
    """Key of the list of rows that a rollback left in."""
    return f"imports/{job_id}/kept.csv"


def write_reports_without_values(
    connection: Connection, store: ObjectStore, job: Job, planned: PlannedJob | None
) -> None:
    """Replaces whatever the job's objects tell of cells, once its errors hold no raw values any more: errors.csv keeps
    the rest, rejected.csv its header, and the normalised text nothing.

    The source file stays: it is the host's. Errors as for ``write_reports``.
    """
    keys = ReportKeys.of(job.id)
    if job.error_report_key == keys.errors:
        store.put(keys.errors, stream_report(connection, job.id))
    elif job.error_report_key is not None:  # of another program, in a form of its own
        store.put(job.error_report_key, [b"rowNumber,fieldKey,errorType,errorMessage,rawValue\n"])
    if planned is not None and _is_there(store, keys.rejected):
        store.put(keys.rejected, _rejected_header(planned))
    for attempt in list_attempts(connection, job.id):
        key = normalized_key(job.id, attempt["attempt"])
        if _is_there(store, key):
            store.put(key, [])


def _is_there(store: ObjectStore, key: str) -> bool:
    try:
        return store.head(key).size > 0
    except ObjectMissing:
        return False


def _rejected_header(planned: PlannedJob) -> Iterator[bytes]:
    plan, dialect = planned.plan, planned.dialect
    if plan.normalized is not None or plan.format.get("bom"):
        yield codecs.BOM_UTF8  # whoever saved UTF-16 or a workbook will open this in a spreadsheet program
    header = from_text(plan.header_record.rstrip("\r\n"), dialect.encoding)
    named = count_named(plan.header, dialect)
    yield _cut(header, named, planned) + _cells(["_row", "_errors"], dialect) + _newline(plan)


def _newline(plan: JobPlan) -> bytes:
    return b"\r\n" if plan.header_record.endswith("\r\n") else b"\n"


def _rejected_rows(connection: Connection, store: ObjectStore, planned: PlannedJob) -> Iterator[bytes]:
    """The header and the rejected records as they stand in the source, each with two cells more; in the source's own
    encoding where chunks are cut from the source itself, else in UTF-8.

    They are appended even to a record with too many or too few cells: padding one would turn it into a row that a
    second upload accepts without anybody having mended it.
    """
    plan, dialect, newline = planned.plan, planned.dialect, _newline(planned.plan)
    named = count_named(plan.header, dialect)
    yield from _rejected_header(planned)
    messages = stream_row_messages(connection, planned.job_id)
    upcoming = next(messages, None)
    for chunk in chunks_with_failures(connection, planned.job_id):
        data = fetch_chunk(store, plan, chunk)
        records = scan(data, dialect, final=True)
        stray = set(records.broken.tolist())
        lines = []
        while upcoming is not None and upcoming[0] < chunk.first_row + chunk.row_count:
            row, message = upcoming
            index = row - chunk.first_row
            record = data[int(records.starts[index]) : int(records.ends[index])].rstrip(b"\r\n")
            if plan.normalized is not None:
                record = _cut(readable(record), named, planned)
            if index in stray:
                record = _with_quotes_as_text(record, dialect)
            lines.append(record + _cells([str(row), message], dialect) + newline)
            upcoming = next(messages, None)
        yield b"".join(lines)


def _cut(record: bytes, named: int, planned: PlannedJob) -> bytes:
    """A record of a sheet without the empty cells that were added behind the header's names: a cell that somebody wrote
    there makes its row too long, here as well."""
    dialect = planned.dialect
    if named == len(planned.plan.header):
        return record
    cells = parse_record(record.decode("utf-8", "surrogateescape"), dialect)
    while len(cells) > named and not cells[-1].strip():
        cells.pop()
    return _cells(cells, dialect).removeprefix(dialect.delimiter.encode())


def _with_quotes_as_text(record: bytes, dialect: Dialect) -> bytes:
    """A record with a stray quote, written so that the quote is seen in its cell and swallows nothing."""
    text = record.decode(dialect.encoding, "surrogateescape")  # whose bytes ``from_text`` gives back
    return _cells(text.split(dialect.delimiter), dialect).removeprefix(dialect.delimiter.encode())


def _cells(values: list[str], dialect: Dialect) -> bytes:
    """Cells behind a record. In a file without quotes, what would need one becomes a space."""
    written = []
    for value in values:
        if dialect.backslash:
            value = value.replace("\\", "\\\\")  # noqa: PLW2901
        if dialect.quote is None:
            for special in (dialect.delimiter, "\r", "\n"):
                value = value.replace(special, " ")  # noqa: PLW2901
            written.append(value)
        elif any(special in value for special in (dialect.delimiter, dialect.quote, "\r", "\n")):
            written.append(dialect.quote + value.replace(dialect.quote, dialect.quote * 2) + dialect.quote)
        else:
            written.append(value)
    return from_text("".join(dialect.delimiter + value for value in written), dialect.encoding)
