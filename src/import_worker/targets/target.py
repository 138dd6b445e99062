"""The seam: what becomes of a job's good rows, and what it comes to.

A target is bound to one planned job. Its chunks are loaded through ``open_chunk``, each in the transaction of its
checkpoint, so that a chunk is loaded whole or not at all, and again after a COMMIT whose answer was lost. Taking rows
out again is ``undo``'s, which works for jobs without a plan, too. What a target needs of the database's role and what
slows it down is told to ``doctor`` by its own modules (``submissions.needs``, ``submissions.foreign_keys``,
``submissions.references``).
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
    """How much a target has taken: rows ``inserted``, and ``files`` beside them."""

    inserted: int = 0
    files: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(self.inserted + other.inserted, self.files + other.files)


@dataclass(frozen=True)
class LoadedPiece:
    """What became of a piece. ``errors`` (ERROR_SCHEMA, in order of rows): the piece's own, and those of rows that the
    database refused."""

    loaded: Loaded
    errors: pl.DataFrame

    @classmethod
    def of(cls, piece: CheckedPiece) -> "LoadedPiece":
        """When all good rows of the piece went in."""
        return cls(Loaded(len(piece.rows), len(piece.files)), piece.errors)

    @property
    def rows_failed(self) -> int:
        return self.errors["row"].n_unique()


@dataclass(frozen=True)
class Tally:
    """One number of the reconciliation: ``found`` in the tables, ``expected`` by the chunks."""

    what: str
    found: int
    expected: int


class ChunkLoad(Protocol):
    """One chunk on its way in, inside the caller's transaction. Not to be shared between threads."""

    def load(self, piece: CheckedPiece) -> LoadedPiece:
        """Loads the good rows of a piece. A chunk opened to ``bisect`` leaves out those that the database refuses; any
        other raises psycopg.Error at the first (RowsRefused outside the ``savepoint``), and must be undone as a whole.

        Raises JobFailed ``target_rejected`` when the database refuses all rows of a job that has none in.
        """
        ...

    def close(self) -> tuple[str, ...]:
        """Completes the rows once the last piece is in: what is derived from them, deferred constraints, and whether
        they are really there. Returns the transaction ids (xmin) that they carry, each once.

        Raises JobFailed ``target_rejected`` when a trigger or policy dropped rows silently.
        """
        ...


class Target(Protocol):
    """What the rows of one job go into. Safe to share between threads; each brings its own connection."""

    def open_chunk(self, connection: Connection, chunk: Chunk, *, bisect: bool) -> AbstractContextManager[ChunkLoad]:
        """Begins to load a chunk inside the caller's transaction, the faster way where it gives the same guarantee.

        ``bisect``: rows that the database refuses are found by halves and become errors, at the cost of savepoints.
        """
        ...

    def read_again(self, connection: Connection, chunk: Chunk) -> None:
        """Reads rows whose chunk was committed just now, inside a transaction of its own.

        The first reader of a row notes in it that it is committed. While its page is in memory and was logged since the
        last checkpoint, that costs next to nothing; later, in the final count or in anybody's query, it costs a full
        image of the page in the WAL, and of every page of the job.
        """
        ...

    def count(self, connection: Connection, url: str, expected: Loaded) -> Sequence[Tally]:
        """Counts what is really there of the job, beside what is expected; inside the caller's transaction, and in
        connections of its own to ``url`` where that is quicker."""
        ...
