"""The seam: how a job's good rows are loaded and counted.

A target is bound to one planned job. Its chunks are loaded through ``open_chunk``, each in the transaction of its
checkpoint, so that a chunk is loaded whole or not at all. Rows are removed by ``undo``, which also works for jobs
without a plan. Which privileges a target needs, and what slows it down, ``doctor`` learns from the target's own modules
(``submissions.needs``, ``submissions.foreign_keys``, ``submissions.references``).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.targets.piece import CheckedPiece


@dataclass(frozen=True)
class Loaded:
    """How much a target has loaded: rows ``inserted``, and their ``files``."""

    inserted: int = 0
    files: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(self.inserted + other.inserted, self.files + other.files)


@dataclass(frozen=True)
class LoadedPiece:
    """The result of loading a piece. ``errors`` (ERROR_SCHEMA, in order of rows): the piece's own errors, and those of
    rows that the database refused."""

    loaded: Loaded
    errors: pl.DataFrame

    @classmethod
    def of(cls, piece: CheckedPiece) -> "LoadedPiece":
        """The result if all good rows of the piece were loaded."""
        return cls(Loaded(len(piece.rows), len(piece.files)), piece.errors)

    @property
    def rows_failed(self) -> int:
        return self.errors["row"].n_unique()


@dataclass(frozen=True)
class Tally:
    """One count of the reconciliation: ``found`` in the tables, ``expected`` from the chunks' counts."""

    what: str
    found: int
    expected: int


class ChunkLoad(Protocol):
    """The loading of one chunk inside the caller's transaction. Not to be shared between threads."""

    def load(self, piece: CheckedPiece) -> LoadedPiece:
        """Loads the good rows of a piece. If the chunk was opened with ``bisect``, rows that the database refuses
        become errors. Otherwise the first refused row raises psycopg.Error (RowsRefused outside the ``savepoint``), and
        the whole chunk must be rolled back.

        Raises JobFailed ``target_rejected`` when the database refuses all rows of a job that has loaded none.
        """
        ...

    def close(self) -> tuple[str, ...]:
        """Completes the chunk after its last piece: inserts derived rows, checks deferred constraints, and verifies
        that all rows are really in the tables. Returns the transaction ids (xmin) that the rows have, each once.

        Raises JobFailed ``target_rejected`` when a trigger or policy dropped rows silently.
        """
        ...


class Target(Protocol):
    """What the rows of one job are loaded into. Safe to share between threads, which pass their own connections."""

    def open_chunk(self, connection: Connection, chunk: Chunk, *, bisect: bool) -> AbstractContextManager[ChunkLoad]:
        """Begins to load a chunk inside the caller's transaction, in a faster way if it gives the same guarantees.

        ``bisect``: rows that the database refuses are found by bisection and become errors, at the cost of savepoints.
        """
        ...

    def read_again(self, connection: Connection, chunk: Chunk) -> None:
        """Reads the rows of a chunk that has just been committed, inside a transaction of its own.

        The first reader of a row sets the row's hint bits, which say that it is committed. As long as its page is in
        memory and has been logged since the last checkpoint, that costs almost nothing. Later, in the final count or in
        any other query, it costs a full image of the page in the WAL, for every page of the job.
        """
        ...

    def count(self, connection: Connection, url: str, expected: Loaded) -> Sequence[Tally]:
        """Counts the rows that the tables really have of the job, and returns each count with the expected one. It
        counts inside the caller's transaction, and over connections of its own to ``url`` where that is faster."""
        ...
