"""Computes row ids: a submission's id is a function of its job and row number, a file's also of its field's key. Pure.

UUIDv8 (RFC 9562, section 5.8), bit by bit from the left::

    48  the job's creation time, milliseconds since 1970
     4  version 8
    12  hash of the job id and, of a file, the field's key
     2  variant
    22  the same hash
    40  row number, from 1

So a second insert of a row is a unique violation instead of a duplicate; ids are inserted in index order; and a job's
rows are in one range of the primary key, the files of each of its fields in another.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt

ROW_BITS = 40
MAX_ROW = (1 << ROW_BITS) - 1
ROW_BYTES = ROW_BITS // 8


@dataclass(frozen=True)
class RowIds:
    """The ids of one job's rows, or of one field's files in them."""

    prefix: int
    """The upper 88 bits."""

    @classmethod
    def of(cls, job_id: UUID, created_at: datetime, field_key: str = "") -> "RowIds":
        """The ids of a job's submissions or, with ``field_key``, those of the files of that field."""
        milliseconds = int(created_at.timestamp() * 1000) & ((1 << 48) - 1)
        digest = int.from_bytes(hashlib.sha256(job_id.bytes + field_key.encode()).digest()[:5]) >> 6
        return cls(
            (milliseconds << 40) | (8 << 36) | ((digest >> 22) << 24) | (0b10 << 22) | (digest & ((1 << 22) - 1))
        )

    def of_row(self, row: int) -> UUID:
        return UUID(int=(self.prefix << ROW_BITS) | row)

    def bounds(self) -> tuple[UUID, UUID]:
        """The lowest and the highest id that a row of the job can have."""
        return self.of_row(0), self.of_row(MAX_ROW)

    def of_rows(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """The ids of many rows, in the order given, each as its 16 bytes."""
        ids = np.tile(np.frombuffer(self.of_row(0).bytes, dtype=np.uint8), (len(rows), 1))
        ids[:, -ROW_BYTES:] = rows.astype(">i8").view(np.uint8).reshape(-1, 8)[:, -ROW_BYTES:]
        return ids
