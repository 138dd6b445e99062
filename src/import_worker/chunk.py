"""A chunk: a range of whole records, the unit of claiming, importing and checkpointing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chunk:
    """A byte range of the readable object that begins and ends at record boundaries.

    Bytes count from 0 and ``end_byte`` is exclusive; rows and physical lines count from 1. ``row_count`` leaves out
    wholly empty lines, which are not rows.
    """

    number: int
    first_byte: int
    end_byte: int
    first_row: int
    row_count: int
    first_line: int

    @property
    def last_row(self) -> int:
        """The last row's number; one less than ``first_row`` in a chunk without rows."""
        return self.first_row + self.row_count - 1


@dataclass(frozen=True)
class ChunkResult:
    """The result of importing one chunk, stored in the transaction of its rows.

    ``row_xacts``: the transaction ids (xmin) that the chunk's rows carry, each once; none in a dry run.
    """

    rows_succeeded: int
    rows_failed: int
    error_count: int
    read_seconds: float
    validate_seconds: float
    copy_seconds: float
    versions_seconds: float
    row_xacts: tuple[str, ...] = ()
    file_count: int = 0


@dataclass(frozen=True)
class ChunkProgress:
    """Sums over the committed chunks of a job."""

    chunks_total: int
    chunks_done: int
    rows_processed: int
    rows_succeeded: int
    rows_failed: int
    error_count: int
    file_count: int
