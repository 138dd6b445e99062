"""Loads one chunk's submissions: by COPY if the database accepts them all, else by bisection."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.database.copy_rows import RowTemplate
from import_worker.errors import FailureReason, JobFailed
from import_worker.targets.bisection import Bisection
from import_worker.targets.piece import CheckedPiece
from import_worker.targets.submissions.files import FileTemplate, file_templates, insert_files
from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.rows import (
    check_deferred_constraints,
    insert_submissions,
    insert_versions,
    list_row_xacts,
    row_template,
)
from import_worker.targets.target import LoadedPiece


class SubmissionLoad:
    """A ChunkLoad of submissions. All rows of the chunk get the same time, the time when the chunk was opened.

    ``triggers``: whether triggers may write rows.
    """

    def __init__(
        self, connection: Connection, keys: SubmissionKeys, chunk: Chunk, *, bisect: bool, triggers: bool
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._chunk = chunk
        self._alike = not bisect and not triggers  # whether all rows have the same transaction id
        self._now = datetime.now(UTC)
        self._inserted = 0
        self._bisection = Bisection(connection, keys.job_id, self._insert_and_try_versions) if bisect else None

    def load(self, piece: CheckedPiece) -> LoadedPiece:
        """Loads rows and files; the versions are inserted when the chunk is closed."""
        if self._bisection is not None:
            piece = self._bisection.load_accepted(piece)
        elif len(piece.rows):
            self._insert(piece)
        self._inserted += len(piece.rows)
        return LoadedPiece.of(piece)

    def close(self) -> tuple[str, ...]:
        if not self._inserted:
            return ()
        versions = insert_versions(self._connection, self._keys, self._chunk.first_row, self._chunk.last_row)
        check_deferred_constraints(self._connection)
        if versions != self._inserted:
            raise JobFailed(
                FailureReason.TARGET_REJECTED,
                f"The database kept {versions:,} of {self._inserted:,} rows of chunk {self._chunk.number}; a trigger or"
                " policy on form_submissions drops rows silently. Mend it and run the job with --retry.",
            )
        first_row, last_row = self._chunk.first_row, self._chunk.last_row
        return list_row_xacts(self._connection, self._keys, first_row, last_row, alike=self._alike)

    @cached_property
    def _row_template(self) -> RowTemplate:
        return row_template(self._connection, self._keys, self._now)

    @cached_property
    def _file_templates(self) -> Mapping[str, FileTemplate]:
        return file_templates(self._connection, self._keys, self._now)

    def _insert(self, piece: CheckedPiece) -> None:
        insert_submissions(self._connection, self._keys, self._row_template, piece.rows)
        if piece.files.is_empty():
            return
        files = insert_files(self._connection, self._keys, self._file_templates, piece.files)
        if files != len(piece.files):
            raise JobFailed(
                FailureReason.TARGET_REJECTED,
                f"The database kept {files:,} of {len(piece.files):,} files; a trigger or policy on submission_files"
                " drops rows silently. Mend it and run the job with --retry.",
            )

    def _insert_and_try_versions(self, piece: CheckedPiece) -> None:
        """Inserts the rows, and inserts their versions only as a test: these are rolled back, because all versions of
        the chunk are inserted at its end."""
        self._insert(piece)
        with self._connection.transaction(force_rollback=True):
            insert_versions(self._connection, self._keys, piece.rows["row"][0], piece.rows["row"][-1])
            check_deferred_constraints(self._connection)
