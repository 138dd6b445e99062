"""The benchmark's environment: a PostgreSQL with default settings, an object store in a folder, and generated files."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench.process import Measured, measure, start
from import_worker.local.embedded import embedded_postgres, psql_path
from import_worker.local.sample import FORM, registry
from import_worker.local.standalone import LOCAL_ORGANIZATION_ID, LOCAL_USER_ID
from import_worker.wiring.application import initialize

PROGRAM = Path(sys.executable).with_name("import-worker")


@dataclass(frozen=True)
class Workplace:
    folder: Path
    url: str

    def file(self, rows: int, *, bad_share: float = 0.0) -> Path:
        """A generated member registry; a file of the same size is reused."""
        path = self.folder / f"members-{rows}-{bad_share:g}.csv"
        if not path.exists():
            with path.open("wb") as target:
                target.writelines(registry(rows, bad_share=bad_share))
        return path

    def environment(self, **more: object) -> Mapping[str, str]:
        """The environment of a user who has set nothing but the places of database and object store."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIN_", "AWS_", "SST_"))}
        return {
            **kept,
            "DatabaseUrl": self.url,
            "SIN_ARTIFACTS_BUCKET": (self.folder / "artifacts").as_uri(),
            "SIN_IMPORT_HOME": str(self.folder / "home"),
            **{name: str(value) for name, value in more.items()},
        }

    def submit(self, file: Path, form_id: str | None = None) -> str:
        """Submits a file, into the form of the member registry unless another is named; returns the job's id."""
        into: list[object] = ["--form-id", form_id]
        if form_id is None:
            form = self.folder / "form.json"
            form.write_text(json.dumps(FORM))
            into = ["--form", form]
        done = measure([PROGRAM, "submit", file, *into, "--again", "--json"], self.environment())
        return str(json.loads(done.output)["jobId"])

    def form(self, definition: Mapping[str, Any]) -> str:
        """Publishes a form of the local organisation; returns its id."""
        form_id, name = str(uuid4()), "with files"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO forms (id, organization_id, name, slug, status, created_by)"
                " VALUES (%s, %s, %s, %s, 'published', %s)",
                [form_id, LOCAL_ORGANIZATION_ID, name, form_id, LOCAL_USER_ID],
            )
            connection.execute(
                "INSERT INTO form_versions (form_id, version_number, definition, published_at, published_by)"
                " VALUES (%s, 1, %s, now(), %s)",
                [form_id, Jsonb(definition), LOCAL_USER_ID],
            )
        return form_id

    def run(self, job_id: str, *arguments: str, **settings: object) -> Measured:
        return measure([PROGRAM, "run", "--job-id", job_id, "--json", *arguments], self.environment(**settings))

    def kill_at_half(self, job_id: str) -> int:
        """Starts the worker and kills it when half of the chunks are done; returns how many were then done."""
        process = start([PROGRAM, "run", "--job-id", job_id], self.environment())
        try:
            while process.poll() is None:
                row = self.query(
                    "SELECT count(*), count(*) FILTER (WHERE state = 'done') FROM import_worker.chunks"
                    " WHERE job_id = %s",
                    job_id,
                )
                if row[0] and 2 * row[1] >= row[0]:
                    break
        finally:
            process.kill()
            process.communicate()
        done = "SELECT count(*) FROM import_worker.chunks WHERE job_id = %s AND state = 'done'"
        return int(self.query(done, job_id)[0])

    def chunk_seconds(self, job_id: str) -> dict[str, float]:
        """The seconds that the job's chunks took in all, by step."""
        names = ("read", "validate", "copy", "versions")
        sums = ", ".join(f"sum({name}_seconds)::float8" for name in names)
        row = self.query(f"SELECT {sums} FROM import_worker.chunks WHERE job_id = %s", job_id)
        return dict(zip(names, row, strict=True))

    def query(self, statement: str, *values: object) -> Any:
        """The first row of a statement's result."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement, values).fetchone()

    def execute(self, script: str, *values: object) -> None:
        """Runs a script of statements with these values."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            psycopg.ClientCursor(connection).execute(script, values or None)

    def clear(self) -> None:
        """Empties the large tables and runs a checkpoint, so that no later measurement pays for pending writes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = ("form_submissions", "form_submission_versions", "submission_files")
            own = ("import_worker.errors", "import_worker.chunks")
            connection.execute(f"TRUNCATE {', '.join((*tables, *own))}")
            connection.execute("CHECKPOINT")

    def psql(self, script: Path) -> Measured:
        return measure([psql_path(), "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url, "-f", script], os.environ)


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    folder.mkdir(parents=True, exist_ok=True)
    with embedded_postgres(folder / "postgres") as url:
        initialize(url, standalone=True)
        yield Workplace(folder, url)
