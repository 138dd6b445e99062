"""Loading one chunk's good rows: fast when the database takes them all, row by row where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import polars as pl
import psycopg

from import_worker.database.connection import Connection
from import_worker.database.copy_rows import RowTemplate
from import_worker.errors import FailureReason, JobFailed
from import_worker.importing.checking import Checked
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import ERROR_SCHEMA
from import_worker.row_errors.sentence import Sentence
from import_worker.targets.submissions.files import FileTemplate, file_templates, insert_files
from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.rows import insert_submissions, insert_versions, row_template, settle_constraints

PROBES = 100
"""So many rows, spread over a piece and all refused while the job has nothing in yet, are a table that refuses
everything. Rows refused one after the other are not: files are often sorted by what a constraint is about."""

# Classes of SQLSTATE by which PostgreSQL refuses what a row says: data exception, integrity constraint, limit exceeded
# (an index entry too long), WITH CHECK OPTION, and RAISE in a trigger.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_ROW_CLASSES = ("22", "23", "44", "54", "P0")


def is_about_rows(error: psycopg.Error) -> bool:
    """Whether the error is one that other rows might not cause."""
    return (error.sqlstate or "").startswith(_ROW_CLASSES)


@dataclass
class Loader:
    """Loads the pieces of one chunk, inside the caller's transaction."""

    connection: Connection
    target: SubmissionKeys
    now: datetime
    nothing_in: bool = False
    """Whether the database has taken no row of the job so far."""

    @cached_property
    def _template(self) -> RowTemplate:
        return row_template(self.connection, self.target, self.now)

    @cached_property
    def _file_templates(self) -> Mapping[str, FileTemplate]:
        return file_templates(self.connection, self.target, self.now)

    def load(self, checked: Checked) -> Checked:
        """COPYs the rows and their files; their versions are left to the caller. A refusal comes as psycopg.Error
        (``is_about_rows``)."""
        self._insert(checked.payloads, checked.files)
        return checked

    def load_what_is_taken(self, checked: Checked) -> Checked:
        """Loads the rows that the database takes, and returns the others as errors.

        Halves the rows under savepoints until the culprits stand alone; versions are inserted only to see that they can
        be. Raises JobFailed ``target_rejected`` when it refuses everything.
        """
        if self.nothing_in:
            self._probe(checked.payloads, checked.files)
        refused: list[tuple[int, str]] = []
        self._bisect(checked.payloads, checked.files, refused)
        if not refused:
            return checked
        errors = _as_errors(refused, checked)
        return replace(
            checked,
            payloads=checked.payloads.filter(~pl.col("row").is_in(errors["row"].implode())),
            files=checked.files.filter(~pl.col("row").is_in(errors["row"].implode())),
            errors=pl.concat([checked.errors, errors]).sort("row", maintain_order=True),
        )

    def _insert(self, payloads: pl.DataFrame, files: pl.DataFrame) -> None:
        insert_submissions(self.connection, self.target, self._template, payloads)
        if files.is_empty():
            return
        taken = insert_files(self.connection, self.target, self._file_templates, files)
        if taken != len(files):
            raise JobFailed(
                FailureReason.TARGET_REJECTED,
                f"The database kept {taken:,} of {len(files):,} files; a trigger or policy on submission_files drops"
                " rows silently. Mend it and run the job with --retry.",
            )

    def _bisect(self, payloads: pl.DataFrame, files: pl.DataFrame, refused: list[tuple[int, str]]) -> None:
        if payloads.is_empty():
            return
        try:
            with self.connection.transaction():  # a savepoint
                self._insert(payloads, files)
                self._try_versions(payloads)
            self.nothing_in = False
        except psycopg.Error as error:
            if not is_about_rows(error):
                raise
            if len(payloads) == 1:
                refused.append((payloads["row"][0], _message(error)))
                return
            half = len(payloads) // 2
            for part in (payloads[:half], payloads[half:]):
                self._bisect(part, _files_of(part, files), refused)

    def _try_versions(self, payloads: pl.DataFrame) -> None:
        """Whether the versions would be taken, too: inserted and taken back, because the chunk inserts all of them at
        its end."""
        with self.connection.transaction(force_rollback=True):
            insert_versions(self.connection, self.target, payloads["row"][0], payloads["row"][-1])
            settle_constraints(self.connection)

    def _probe(self, payloads: pl.DataFrame, files: pl.DataFrame) -> None:
        """Raises JobFailed ``target_rejected`` when not one of many rows, spread over the piece, would be taken."""
        if len(payloads) < PROBES:
            return
        refusal: psycopg.Error | None = None
        for position in range(0, len(payloads), len(payloads) // PROBES):
            row = payloads[position : position + 1]
            try:
                with self.connection.transaction(force_rollback=True):
                    self._insert(row, _files_of(row, files))
                    self._try_versions(row)
            except psycopg.Error as error:
                if not is_about_rows(error):
                    raise
                refusal = error
            else:
                return
        assert refusal is not None  # there was at least one probe
        raise JobFailed(
            FailureReason.TARGET_REJECTED,
            f"The database refuses every row ({_message(refusal)}); mend the table or its triggers and run the job"
            " with --retry.",
        ) from refusal


def _files_of(payloads: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    return (
        files if files.is_empty() else files.join(payloads.select("row"), on="row", how="semi", maintain_order="left")
    )


def _message(error: psycopg.Error) -> str:
    """PostgreSQL's primary message, which unlike its details does not quote the row."""
    return error.diag.message_primary or Sentence.ROW_REFUSED.told()


def _as_errors(refused: list[tuple[int, str]], checked: Checked) -> pl.DataFrame:
    """An errors frame (ERROR_SCHEMA) of (row, message); these rows have no other errors."""
    errors = pl.DataFrame(refused, schema={"row": pl.Int64, "error_message": pl.String}, orient="row").with_columns(
        pl.lit(str(RowErrorType.CONSTRAINT)).alias("error_type"), pl.lit(1, pl.Int32).alias("ordinal")
    )
    lines = pl.Series("line", checked.lines_of(errors["row"].to_numpy()))
    empty = [pl.lit(None, ERROR_SCHEMA[name]).alias(name) for name in ("field_key", "raw_value", "column")]
    return errors.with_columns(lines, *empty).select(*ERROR_SCHEMA)
