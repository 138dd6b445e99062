"""Everything that a finished job leaves behind, in a form that makes two runs comparable."""

import hashlib
from typing import Any
from uuid import UUID

from import_worker.targets.submissions.ids import MAX_ROW
from tests.support.host import Host


def end_state(host: Host, job_id: UUID) -> dict[str, Any]:
    """Rows by row number, errors, reports, counts, and how often the end was reported; without ids and times."""
    submissions = host.query(
        "SELECT s.id, s.payload::text, s.status, s.submitter_id, v.payload_snapshot::text AS snapshot, v.version_number"
        " FROM form_submissions s LEFT JOIN form_submission_versions v ON v.submission_id = s.id"
        " WHERE s.import_job_id = %s ORDER BY s.id",
        job_id,
    )
    for row in submissions:
        row["row"] = row.pop("id").int & MAX_ROW
    job = host.job_row(job_id)
    counts = (
        "rows_total",
        "rows_processed",
        "rows_succeeded",
        "rows_failed",
        "error_count",
        "chunks_total",
        "chunks_done",
    )
    reports = {}
    if job["error_report_key"]:
        for name in ("errors.csv", "rejected.csv"):
            reports[name] = hashlib.sha256(host.read(f"imports/{job_id}/{name}").encode()).hexdigest()
    return {
        "status": job["status"],
        "submissions": submissions,
        "versions": host.value("SELECT count(*) FROM form_submission_versions"),
        "errors": host.errors(job_id),
        "job_errors": host.query(
            "SELECT row_number, field_key, error_type, error_message, raw_value FROM import_job_errors"
            " WHERE job_id = %s ORDER BY row_number, field_key, error_type",
            job_id,
        ),
        "reports": reports,
        "stats": {name: job["stats"][name] for name in counts},
        "error_summary": job["error_summary"],
        "progress_checkpoint": job["progress_checkpoint"],
        "completed_events": host.events(job_id).count("completed"),
        "completed_audits": host.value("SELECT count(*) FROM audit_logs WHERE action = 'IMPORT_JOB_COMPLETE'"),
    }


def finished_chunks(host: Host, job_id: UUID) -> dict[int, tuple[int, object]]:
    """Number of each finished chunk, with the attempt that finished it and when: a chunk done again would show
    another."""
    rows = host.query(
        "SELECT number, attempt, done_at FROM import_worker.chunks WHERE job_id = %s AND state = 'done'", job_id
    )
    return {row["number"]: (row["attempt"], row["done_at"]) for row in rows}
