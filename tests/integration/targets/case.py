"""A job, its target and its tables, as the suite sees each implementation."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import numpy as np
import polars as pl

from import_worker.chunk import Chunk, ChunkResult
from import_worker.database.chunks import finish_chunk
from import_worker.database.connection import Connection, transaction
from import_worker.row_errors.frame import ERROR_SCHEMA
from import_worker.sources.cut.quotes import Offsets
from import_worker.targets.piece import CheckedPiece
from import_worker.targets.target import Loaded, LoadedPiece, Target
from import_worker.targets.undo import Undo
from tests.support.host import Host

NO_ERRORS = pl.DataFrame(schema=ERROR_SCHEMA)


@dataclass
class Case(ABC):
    """A planned job with a target, its chunks, and hands that reach into its tables past the seam."""

    host: Host
    job_id: UUID
    chunks: list[Chunk]
    target: Target
    undo: Undo
    tables: ClassVar[Sequence[str]]
    """What rows are kept in."""
    droppable: ClassVar[Mapping[str, int]]
    """What triggers can drop silently, each with a row that has it."""

    @abstractmethod
    def piece(self, rows: Iterable[int], errors: pl.DataFrame = NO_ERRORS) -> CheckedPiece:
        """Good rows of these numbers, every third with a file where the target has files."""

    @abstractmethod
    def rows_in(self) -> list[int]:
        """The numbers of the job's rows that are really there, in order; fails where one is there in parts."""

    @abstractmethod
    def refuse(self, rows: Sequence[int], *, deferred: bool = False) -> None:
        """From now on the database refuses these rows, with a message that holds ``not those``; ``deferred``: only when
        the transaction ends or asks."""

    @abstractmethod
    def accept_all(self) -> None:
        """Takes back what ``refuse`` and ``drop`` did."""

    @abstractmethod
    def drop(self, what: str, row: int) -> None:
        """From now on a trigger drops a row silently, or what belongs to it: one of ``droppable``."""

    @abstractmethod
    def edit(self, row: int) -> None:
        """Writes a row as the host would."""

    @abstractmethod
    def refer_to(self, row: int) -> None:
        """Has a row of another table hold a row."""

    @abstractmethod
    def take_out(self, row: int) -> None:
        """Takes a row out with all that belongs to it, as somebody would behind our back."""

    @abstractmethod
    def forbid_shortcuts(self) -> None:
        """From now on the database allows only the slower ways of loading and taking out."""

    @abstractmethod
    def tallies(self, rows: int, files: int) -> dict[str, int]:
        """What ``Target.count`` finds, by name, when so many rows and files are in."""


def lines_of(rows: Offsets) -> Offsets:
    """Each record on a line of its own, behind the header."""
    return np.asarray(rows, dtype=np.int64) + 1


def error_of(row: int) -> pl.DataFrame:
    """An error that validation found, as an errors frame."""
    values = (row, 1, "age", "invalid_number", "Not a number", "x", "Age", row + 1)
    return pl.DataFrame([values], schema=ERROR_SCHEMA, orient="row")


def load_chunk(
    case: Case, connection: Connection, chunk: Chunk, pieces: Iterable[CheckedPiece], *, bisect: bool = False
) -> list[LoadedPiece]:
    """Loads pieces as a chunk and sets its checkpoint, inside the caller's transaction, as the pipeline does."""
    with case.target.open_chunk(connection, chunk, bisect=bisect) as target:
        loaded = [target.load(piece) for piece in pieces]
        row_xacts = target.close()
    total = total_of(loaded)
    failed = sum(piece.rows_failed for piece in loaded)
    result = ChunkResult(
        rows_succeeded=total.inserted,
        rows_failed=failed,
        error_count=sum(len(piece.errors) for piece in loaded),
        read_seconds=0,
        validate_seconds=0,
        copy_seconds=0,
        versions_seconds=0,
        row_xacts=row_xacts,
        file_count=total.files,
    )
    finish_chunk(connection, case.job_id, chunk.number, 1, result)
    return loaded


def import_all(case: Case, connection: Connection) -> None:
    """Imports all rows of the job, each chunk in a transaction of its own."""
    for chunk in case.chunks:
        with transaction(connection):
            load_chunk(case, connection, chunk, [case.piece(rows_of(chunk))])


def rows_of(chunk: Chunk) -> range:
    return range(chunk.first_row, chunk.last_row + 1)


def total_of(loaded: Iterable[LoadedPiece]) -> Loaded:
    return sum((piece.loaded for piece in loaded), Loaded())
