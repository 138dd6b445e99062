"""Baselines: loading the same rows by other means."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench.process import measure
from bench.workplace import Workplace
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS

_COLUMNS = ", ".join(SUBMISSION_COLUMNS)


def export_validated_rows(place: Workplace, job_id: str) -> Path:
    """Exports the rows of an import as validated lines for ``\\copy``; returns the file."""
    lines, script = place.folder / "validated.tsv", place.folder / "keep.sql"
    where = f"WHERE import_job_id = '{job_id}' ORDER BY id"
    script.write_text(f"\\copy (SELECT {_COLUMNS} FROM form_submissions {where}) TO '{lines}'\n")
    place.psql(script)
    return lines


def load_by_psql(place: Workplace, lines: Path, job_id: str) -> float:
    """Seconds of one psql session that copies the rows and then inserts their versions in the same transaction."""
    script = place.folder / "load.sql"
    script.write_text(
        f"BEGIN;\n\\copy form_submissions ({_COLUMNS}) FROM '{lines}'\n"
        "INSERT INTO form_submission_versions"
        " (submission_id, version_number, payload_snapshot, changed_by, change_reason, created_at)\n"
        " SELECT id, 1, payload, submitter_id, 'batch_import', created_at FROM form_submissions"
        f" WHERE import_job_id = '{job_id}';\nCOMMIT;\n"
    )
    return place.psql(script).seconds


def insert_pairs(place: Workplace, lines: Path, count: int) -> float:
    """Seconds for ``count`` of the rows, each by two INSERTs, one after the other."""
    with lines.open(encoding="utf-8") as source:
        payloads = [json.loads(next(source).split("\t")[1].replace("\\\\", "\\")) for _ in range(count)]
    insert = (
        "INSERT INTO form_submissions (id, form_id, form_version_id, organization_id, submitter_id, status, payload,"
        " completeness_score, submitted_at)"
        " SELECT %s, f.id, v.id, o.id, u.id, 'submitted', %s, 100, now()"
        ' FROM forms f, form_versions v, organizations o, "user" u WHERE v.form_id = f.id AND v.id = %s LIMIT 1'
    )
    version = (
        "INSERT INTO form_submission_versions (submission_id, version_number, payload_snapshot, change_reason)"
        " VALUES (%s, 1, %s, 'batch_import')"
    )
    with psycopg.connect(place.url, autocommit=True) as connection:
        row = connection.execute("SELECT id FROM form_versions LIMIT 1").fetchone()
        assert row is not None  # something was submitted before
        started = monotonic()
        for payload in payloads:
            submission = uuid4()
            connection.execute(insert, [submission, Jsonb(payload), row[0]])
            connection.execute(version, [submission, Jsonb(payload)])
        return monotonic() - started


def run_tool(python: str, name: str, arguments: Sequence[object]) -> tuple[float, str]:
    """Runs one of ``bench/tools`` with a Python that has its libraries; returns seconds and output."""
    done = measure([python, Path(__file__).parent / "tools" / f"{name}.py", *arguments], os.environ)
    return done.seconds, done.output


def sha256sum(file: Path) -> float:
    return measure(["sha256sum", file], os.environ).seconds
