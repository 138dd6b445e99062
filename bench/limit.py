"""The limit: how fast PostgreSQL accepts an import's rows if they are ready-made bytes and nothing else is done.

Each session is a psql that sends files in COPY's binary format. Its transactions are like the program's: there are as
many, the same foreign keys are checked beforehand, the versions are inserted from the submissions just loaded, and
commits wait only for the server's own disk.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from bench.workplace import Workplace
from import_worker.targets.submissions.rows import SUBMISSION_COLUMNS

SESSIONS = 2

_COLUMNS = ", ".join(SUBMISSION_COLUMNS)
# Ids are compared as text, which sorts in the same order: PostgreSQL 17 has no min() for uuid.
_CUT = """
SELECT array_agg(ARRAY[first_id, last_id] ORDER BY first_id)
  FROM (SELECT min(id::text) AS first_id, max(id::text) AS last_id
          FROM (SELECT id, ntile(%s) OVER (ORDER BY id) AS piece FROM form_submissions WHERE import_job_id = %s) rows
         GROUP BY piece) pieces
"""
_LOAD = r"""
BEGIN;
SET LOCAL synchronous_commit = local;
SET LOCAL enable_seqscan = off;
SELECT FROM forms WHERE id = '{form_id}' FOR KEY SHARE;
SELECT FROM form_versions WHERE id = '{form_version_id}' FOR KEY SHARE;
SELECT FROM organizations WHERE id = '{organization_id}' FOR KEY SHARE;
SELECT FROM import_jobs WHERE id = '{import_job_id}' FOR KEY SHARE;
SELECT FROM "user" WHERE id = '{submitter_id}' FOR KEY SHARE;
SET LOCAL session_replication_role = replica;
\copy form_submissions ({columns}) FROM '{file}' (FORMAT binary)
INSERT INTO form_submission_versions
       (id, submission_id, version_number, payload_snapshot, changed_by, change_reason, created_at)
SELECT id, id, 1, payload, submitter_id, 'batch_import', created_at
  FROM form_submissions WHERE id BETWEEN '{first_id}' AND '{last_id}';
COMMIT;
"""
_KEYS = ("form_id", "form_version_id", "organization_id", "import_job_id", "submitter_id")


@dataclass(frozen=True)
class ReadyRows:
    """Scripts for psql, one for each session; each loads every ``SESSIONS``-th of the files with exported rows."""

    scripts: Sequence[Path]


def export_ready_rows(place: Workplace, job_id: str) -> ReadyRows:
    """Exports the rows of an import from the tables, into as many files as it has chunks."""
    folder = place.folder / "limit"
    folder.mkdir(exist_ok=True)
    (chunks,) = place.query("SELECT count(*) FROM import_worker.chunks WHERE job_id = %s", job_id)
    (borders,) = place.query(_CUT, chunks, job_id)
    keys = dict(zip(_KEYS, place.query(f"SELECT {', '.join(_KEYS)} FROM form_submissions LIMIT 1"), strict=True))
    keep: list[str] = []
    loads: list[list[str]] = [[] for _ in range(min(SESSIONS, len(borders)))]
    for number, (first_id, last_id) in enumerate(borders):
        file = folder / f"{number}.copy"
        rows = f"SELECT {_COLUMNS} FROM form_submissions WHERE id BETWEEN '{first_id}' AND '{last_id}' ORDER BY id"
        keep.append(f"\\copy ({rows}) TO '{file}' (FORMAT binary)\n")
        load = _LOAD.format(**keys, columns=_COLUMNS, file=file, first_id=first_id, last_id=last_id)
        loads[number % len(loads)].append(load)
    place.psql(_script(folder / "keep.sql", keep))
    os.sync()  # so that no later measurement waits for these writes
    return ReadyRows([_script(folder / f"load-{number}.sql", load) for number, load in enumerate(loads)])


def load_at_the_limit(place: Workplace, ready: ReadyRows) -> float:
    """Runs all sessions in parallel; returns the seconds until all rows are loaded."""
    started = monotonic()
    with ThreadPoolExecutor(len(ready.scripts)) as sessions:
        list(sessions.map(place.psql, ready.scripts))
    return monotonic() - started


def _script(path: Path, statements: Sequence[str]) -> Path:
    path.write_text("".join(statements))
    return path
