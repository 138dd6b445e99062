"""Submissions of a form, as the suite sees them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar
from uuid import UUID, uuid4

import polars as pl

from import_worker.chunk import Chunk
from import_worker.database.chunks import insert_chunks
from import_worker.database.connection import connect, transaction
from import_worker.database.import_jobs import ensure_worker_job
from import_worker.forms.validator import FILES_SCHEMA
from import_worker.targets.choice import target_of, undo_of
from import_worker.targets.piece import CheckedPiece
from import_worker.targets.submissions.ids import MAX_ROW
from import_worker.targets.submissions.keys import SubmissionKeys
from tests.integration.targets.case import NO_ERRORS, Case, lines_of
from tests.support.host import Host

_TABLES = {"rows": "form_submissions", "versions": "form_submission_versions", "files": "submission_files"}
_ROW = "('x' || right(replace({}::text, '-', ''), 10))::bit(40)::bigint"


class SubmissionCase(Case):
    """A form with a file field; each row's payload says its number."""

    tables = tuple(_TABLES.values())
    droppable: ClassVar[Mapping[str, int]] = {"rows": 5, "versions": 5, "files": 6}

    @classmethod
    def make(cls, host: Host, chunks: Sequence[Chunk]) -> "SubmissionCase":
        job_id, form_id = host.job(), host.form()
        job = host.job_row(job_id)
        keys = SubmissionKeys(
            job_id=job_id,
            job_created_at=job["created_at"],
            form_id=form_id,
            form_version_id=host.value("SELECT id FROM form_versions WHERE form_id = %s", form_id),
            organization_id=host.organization_id,
            submitter_id=host.user_id,
            file_fields=("report",),
        )
        with connect(host.database_url) as connection, transaction(connection):
            ensure_worker_job(connection, job_id)
            insert_chunks(connection, job_id, chunks)
        return cls(host, job_id, list(chunks), target_of(keys), undo_of(job_id, keys, chunks[-1].last_row))

    def piece(self, rows: Iterable[int], errors: pl.DataFrame = NO_ERRORS) -> CheckedPiece:
        numbers = pl.DataFrame({"row": list(rows)}, schema={"row": pl.Int64})
        text = pl.col("row").cast(pl.String)
        payload = pl.concat_str(pl.lit('{"row": '), text, pl.lit(', "name": "Ünal \\"'), text, pl.lit('\\""}'))
        payloads = numbers.with_columns(payload.alias("payload"))
        files = numbers.filter(pl.col("row") % 3 == 0).select(
            pl.col("row"),
            pl.lit("report").alias("field_key"),
            pl.format("{}.pdf", text).alias("file_name"),
            pl.lit("application/pdf").alias("mime_type"),
            pl.lit("").alias("checksum"),
            pl.lit("forms/a/b.pdf").alias("storage_key"),
            pl.lit(4, pl.Int64).alias("size_bytes"),
        )
        return CheckedPiece(payloads, errors, files.select(*FILES_SCHEMA), lines_of)

    def rows_in(self) -> list[int]:
        found = self.host.query(
            "SELECT s.id, (s.payload->>'row')::int AS row, v.payload_snapshot = s.payload AS same,"
            " v.version_number AS version, v.changed_by, f.file_name, s.submitter_id, s.status, s.completeness_score"
            " FROM form_submissions s LEFT JOIN form_submission_versions v ON v.submission_id = s.id"
            " LEFT JOIN submission_files f ON f.submission_id = s.id WHERE s.import_job_id = %s ORDER BY s.id",
            self.job_id,
        )
        for row in found:
            assert row["id"].int & MAX_ROW == row["row"]
            assert (row["status"], row["completeness_score"]) == ("submitted", 100)
            assert row["changed_by"] == row["submitter_id"] == self.host.user_id
            assert row["file_name"] == (f"{row['row']}.pdf" if row["row"] % 3 == 0 else None)
        rows = [int(row["row"]) for row in found]
        assert len(set(rows)) == len(rows)
        return rows

    def refuse(self, rows: Sequence[int], *, deferred: bool = False) -> None:
        refused = ", ".join(map(str, rows))
        if not deferred:
            condition = f"(payload->>'row')::int NOT IN ({refused})"
            self.host.query(f'ALTER TABLE form_submissions ADD CONSTRAINT "not those" CHECK ({condition})')
            return
        self.host.query(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF (NEW.payload_snapshot->>'row')::int IN ({refused}) THEN RAISE EXCEPTION 'not those'; END IF;"
            " RETURN NEW; END $$"
        )
        self.host.query(
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON form_submission_versions DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    def accept_all(self) -> None:
        self.host.query('ALTER TABLE form_submissions DROP CONSTRAINT IF EXISTS "not those"')
        for function in ("refuse", "drop_row"):
            self.host.query(f"DROP FUNCTION IF EXISTS {function} CASCADE")

    def drop(self, what: str, row: int) -> None:
        of_row = _ROW.format("NEW.submission_id" if what == "files" else "NEW.id")
        self.host.query(
            "CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {of_row} = {row} THEN RETURN NULL; END IF; RETURN NEW; END $$"
        )
        self.host.query(
            f"CREATE TRIGGER drop_row BEFORE INSERT ON {_TABLES[what]} FOR EACH ROW EXECUTE FUNCTION drop_row()"
        )

    def edit(self, row: int) -> None:
        self.host.query("UPDATE form_submissions SET status = 'approved' WHERE id = %s", self._id(row))

    def refer_to(self, row: int) -> None:
        task = uuid4()
        self.host.query("INSERT INTO reporting_tasks (id) VALUES (%s)", task)
        self.host.query(
            "INSERT INTO reporting_submissions (task_id, organization_id, form_submission_id) VALUES (%s, %s, %s)",
            task,
            self.host.organization_id,
            self._id(row),
        )

    def take_out(self, row: int) -> None:
        self.host.query("DELETE FROM form_submissions WHERE id = %s", self._id(row))

    def forbid_shortcuts(self) -> None:
        self.host.query(
            "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$"
        )
        self.host.query(
            "CREATE TRIGGER see BEFORE INSERT OR DELETE ON form_submissions FOR EACH ROW EXECUTE FUNCTION see()"
        )

    def tallies(self, rows: int, files: int) -> dict[str, int]:
        return {"submissions found": rows, "versions found": rows, "files found": files}

    def _id(self, row: int) -> UUID:
        statement = "SELECT id FROM form_submissions WHERE import_job_id = %s AND payload->>'row' = %s"
        return UUID(str(self.host.value(statement, self.job_id, str(row))))
