"""Finds the rows that a database refuses by bisection under savepoints, and loads all others."""

from collections.abc import Callable
from uuid import UUID

import polars as pl

from import_worker.database.chunks import get_progress
from import_worker.database.connection import Connection
from import_worker.errors import FailureReason, JobFailed
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.frame import FOUND_SCHEMA, locate_errors
from import_worker.targets.piece import CheckedPiece
from import_worker.targets.refusal import RowsRefused, savepoint

PROBES = 100
"""How many rows, spread over a piece, are tried if the job has loaded no row yet. If all are refused, the table refuses
everything. Adjacent rows would prove less, because files are often sorted by the column that a constraint checks."""


class Bisection:
    """Loads the accepted rows of one chunk's pieces, inside the caller's transaction.

    ``insert`` inserts a piece's rows and raises what PostgreSQL raises. Whatever might refuse the rows later in the
    chunk must already do so in ``insert``.
    """

    def __init__(self, connection: Connection, job_id: UUID, insert: Callable[[CheckedPiece], None]) -> None:
        self._connection = connection
        self._insert = insert
        self._job_is_empty = get_progress(connection, job_id).rows_succeeded == 0

    def load_accepted(self, piece: CheckedPiece) -> CheckedPiece:
        """Loads the rows that the database accepts. Returns the piece without the refused rows, with their errors
        added. Raises JobFailed ``target_rejected`` when the database refuses everything."""
        if self._job_is_empty:
            self._check_any_accepted(piece)
        refused: list[tuple[int, str]] = []
        self._bisect(piece, refused)
        return _with_errors(piece, refused) if refused else piece

    def _bisect(self, piece: CheckedPiece, refused: list[tuple[int, str]]) -> None:
        count = len(piece.rows)
        if not count:
            return
        try:
            with savepoint(self._connection):
                self._insert(piece)
            self._job_is_empty = False
        except RowsRefused as refusal:
            if count == 1:
                refused.append((piece.rows["row"][0], str(refusal)))
                return
            half = count // 2
            self._bisect(piece.part(0, half), refused)
            self._bisect(piece.part(half, count - half), refused)

    def _check_any_accepted(self, piece: CheckedPiece) -> None:
        """Raises JobFailed ``target_rejected`` when the database would accept none of PROBES rows of the piece."""
        count = len(piece.rows)
        if count < PROBES:
            return
        last: RowsRefused | None = None
        for position in range(0, count, count // PROBES):
            try:
                with savepoint(self._connection, force_rollback=True):
                    self._insert(piece.part(position, 1))
            except RowsRefused as refusal:
                last = refusal
            else:
                return
        assert last is not None  # there was at least one probe
        raise JobFailed(
            FailureReason.TARGET_REJECTED,
            f"The database refuses every row ({last}); mend the table or its triggers and run the job with --retry.",
        ) from last


def _with_errors(piece: CheckedPiece, refused: list[tuple[int, str]]) -> CheckedPiece:
    """The piece without the refused rows (row, message), with an error for each; they have no other errors."""
    rows = [(row, None, str(RowErrorType.CONSTRAINT), message, None, None) for row, message in refused]
    errors = locate_errors(pl.DataFrame(rows, schema=FOUND_SCHEMA, orient="row"), piece.lines_of)
    loaded = piece.without(errors["row"])
    return CheckedPiece(
        loaded.rows,
        pl.concat([piece.errors, errors]).sort("row", maintain_order=True),
        loaded.files,
        piece.lines_of,
    )
