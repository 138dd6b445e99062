"""The other half of the seam: removing a job's rows, except for those that are kept.

It also works for jobs without a plan, which another program or an earlier version has left. A row is *untouched* if
nothing has written it since its chunk, *edited* if something has, and *referred to* if a row of another table prevents
deleting it: by a foreign key that does not cascade, to the row or to one that would be deleted with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from import_worker.database.connection import Connection
from import_worker.database.stop_requests import Edited


@dataclass(frozen=True)
class UndoCounts:
    """What a rollback would find: untouched rows, edited rows, and rows that other tables refer to. A row that is both
    edited and referred to counts as referred to."""

    untouched: int = 0
    edited: int = 0
    referred: int = 0

    def __add__(self, other: "UndoCounts") -> "UndoCounts":
        return UndoCounts(self.untouched + other.untouched, self.edited + other.edited, self.referred + other.referred)


class Batch(Protocol):
    """Some of a job's rows: few enough for one transaction."""

    @property
    def last_row(self) -> int | None:
        """The number of the batch's last row; None if the numbers of its rows are not known."""
        ...

    def remove(self, connection: Connection) -> int:
        """Deletes the rows that need not be kept, with all rows that cascade from them, and records the others as kept,
        inside the caller's transaction. Returns how many rows were deleted. Raises JobRefused, or TransientError (a
        retry may help)."""
        ...


class Removal(Protocol):
    """The removal of a job's rows, once the foreign keys to them are known."""

    def count(self, connection: Connection) -> UndoCounts:
        """Counts what ``batches`` would find, inside the caller's transaction. It writes kept rows, so the caller must
        roll the transaction back."""
        ...

    def start(self, connection: Connection) -> None:
        """Deletes the record of rows that an earlier try kept, inside the caller's transaction; they are found
        again."""
        ...

    def batches(self, connection: Connection) -> Iterator[Batch]:
        """Yields all rows of the job in batches: first those with known numbers, in order, then the others. It queries
        the tables between two batches in transactions of its own, so each batch must be committed before the next."""
        ...


class Undo(Protocol):
    """What can be removed of one job, and what was kept of it."""

    def prepare(self, connection: Connection, edited: Edited) -> Removal:
        """Finds the foreign keys that lead to the rows, inside the caller's transaction. ``edited`` says what happens
        to edited rows. Raises UsageError for a missing privilege."""
        ...

    def keep_remaining(self, connection: Connection) -> None:
        """Records as kept those of the job's own rows that are still in the table after all batches."""
        ...

    def count_kept(self, connection: Connection) -> Mapping[str, int]:
        """How many rows were kept, by reason (``edited``, ``referred``)."""
        ...

    def stream_kept(self, connection: Connection) -> Iterator[bytes]:
        """Yields ``kept.csv`` in blocks: each kept row's number in the file (empty if it is not known), its key, and
        why it was kept. The transaction must stay open meanwhile."""
        ...
