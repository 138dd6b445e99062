"""Loading one chunk's good rows: fast when the database takes them all, row by row where it does not."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl
import psycopg

from import_worker.checking import Checked
from import_worker.database.connection import Connection
from import_worker.database.row_errors import ERROR_SCHEMA
from import_worker.database.submissions import Target, insert_submissions, insert_versions, settle_constraints
from import_worker.errors import FailureReason, JobFailed

ERROR_TYPE = "constraint"

MAX_REJECTED_IN_A_ROW = 100
"""So many rows refused one after the other, with none taken between them, are a table that refuses everything."""

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
    target: Target
    now: datetime
    _refused_in_a_row: int = field(default=0, init=False)

    def load(self, checked: Checked) -> Checked:
        """COPYs the rows; their versions are left to the caller. A refusal comes as psycopg.Error
        (``is_about_rows``)."""
        insert_submissions(self.connection, self.target, checked.payloads, self.now)
        return checked

    def load_what_is_taken(self, checked: Checked) -> Checked:
        """Loads the rows that the database takes, and returns the others as errors.

        Halves the rows under savepoints until the culprits stand alone; versions are inserted only to see that they can
        be. Raises JobFailed ``target_rejected`` when it refuses everything.
        """
        refused: list[tuple[int, str]] = []
        self._bisect(checked.payloads, refused)
        if not refused:
            return checked
        errors = _as_errors(refused, checked)
        return replace(
            checked,
            payloads=checked.payloads.filter(~pl.col("row").is_in(errors["row"].implode())),
            errors=pl.concat([checked.errors, errors]).sort("row", maintain_order=True),
        )

    def _bisect(self, payloads: pl.DataFrame, refused: list[tuple[int, str]]) -> None:
        if payloads.is_empty():
            return
        try:
            with self.connection.transaction():  # a savepoint
                insert_submissions(self.connection, self.target, payloads, self.now)
                self._try_versions(payloads)
            self._refused_in_a_row = 0
        except psycopg.Error as error:
            if not is_about_rows(error):
                raise
            if len(payloads) == 1:
                self._refuse(payloads["row"][0], error, refused)
                return
            half = len(payloads) // 2
            self._bisect(payloads[:half], refused)
            self._bisect(payloads[half:], refused)

    def _try_versions(self, payloads: pl.DataFrame) -> None:
        """Whether the versions would be taken, too: inserted and taken back, because the chunk inserts all of them at
        its end."""
        with self.connection.transaction(force_rollback=True):
            insert_versions(self.connection, self.target, payloads["row"][0], payloads["row"][-1])
            settle_constraints(self.connection)

    def _refuse(self, row: int, error: psycopg.Error, refused: list[tuple[int, str]]) -> None:
        message = error.diag.message_primary or "the database refused the row"
        refused.append((row, message))
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= MAX_REJECTED_IN_A_ROW:
            raise JobFailed(
                FailureReason.TARGET_REJECTED,
                f"The database refuses every row ({message}); mend the table or its triggers and run the job"
                f" with --retry.",
            ) from error


def _as_errors(refused: list[tuple[int, str]], checked: Checked) -> pl.DataFrame:
    """An errors frame (ERROR_SCHEMA) of (row, message); these rows have no other errors."""
    errors = pl.DataFrame(refused, schema={"row": pl.Int64, "error_message": pl.String}, orient="row").with_columns(
        pl.lit(ERROR_TYPE).alias("error_type"), pl.lit(1, pl.Int32).alias("ordinal")
    )
    lines = pl.Series("line", checked.lines_of(errors["row"].to_numpy()))
    empty = [pl.lit(None, ERROR_SCHEMA[name]).alias(name) for name in ("field_key", "raw_value", "column")]
    return errors.with_columns(lines, *empty).select(*ERROR_SCHEMA)
