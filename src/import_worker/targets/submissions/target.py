"""Submissions of a form as a target: form_submissions, form_submission_versions and submission_files of the host."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.targets.submissions.counting import count_job
from import_worker.targets.submissions.files import count_files
from import_worker.targets.submissions.foreign_keys import KeyCheck, check_keys_once
from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.loading import SubmissionLoad
from import_worker.targets.submissions.rows import read_again
from import_worker.targets.target import Loaded, Tally

log = structlog.stdlib.get_logger(__name__)


class SubmissionTarget:
    """The Target of a job that imports into a form."""

    def __init__(self, keys: SubmissionKeys) -> None:
        self._keys = keys
        self._key_check: KeyCheck | None = None

    @contextmanager
    def open_chunk(self, connection: Connection, chunk: Chunk, *, bisect: bool) -> Iterator[SubmissionLoad]:
        """Faster where all foreign keys can be checked once for the chunk (``foreign_keys``)."""
        with check_keys_once(connection, self._keys) as check:
            if check != self._key_check:  # logged once, and again if somebody has changed the tables
                self._key_check = check
                log.info("foreign keys are checked", once_a_chunk=check.once, why_not=check.why)
            # Keys are checked once a chunk only if the tables have no triggers.
            yield SubmissionLoad(connection, self._keys, chunk, bisect=bisect, triggers=not check.once)

    def read_again(self, connection: Connection, chunk: Chunk) -> None:
        read_again(connection, self._keys, chunk.first_row, chunk.last_row)
        count_files(connection, self._keys, chunk.first_row, chunk.last_row)  # reads the files as well

    def count(self, connection: Connection, url: str, expected: Loaded) -> Sequence[Tally]:
        return count_job(connection, url, self._keys, expected)
