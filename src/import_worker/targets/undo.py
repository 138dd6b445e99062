"""The other half of the seam: a job's rows are taken out again, but for those that somebody wants to stay.

It works for jobs without a plan, too, as another program or an earlier version left them. A row is *untouched* when
nobody has written it since its chunk, *edited* when somebody has, and *referred to* when another table holds it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from import_worker.database.connection import Connection
from import_worker.database.stop_requests import Edited


@dataclass(frozen=True)
class UndoCounts:
    """What a rollback would find: rows that nobody has touched, rows that were edited since, and rows that other tables
    refer to (which counts first)."""

    untouched: int = 0
    edited: int = 0
    referred: int = 0

    def __add__(self, other: "UndoCounts") -> "UndoCounts":
        return UndoCounts(self.untouched + other.untouched, self.edited + other.edited, self.referred + other.referred)


class Batch(Protocol):
    """Some of a job's rows: few enough for one transaction."""

    @property
    def last_row(self) -> int | None:
        """The number of the last row in it; None for rows whose numbers are not known."""
        ...

    def take(self, connection: Connection) -> int:
        """Deletes what may go, with all that goes with it, and notes the rest as kept, inside the caller's transaction;
        returns how many rows were deleted. Raises JobRefused, or TransientError (a retry may help)."""
        ...


class Removal(Protocol):
    """Taking a job's rows out, once it is known what hangs on them."""

    def count(self, connection: Connection) -> UndoCounts:
        """Counts what ``batches`` would find, inside the caller's transaction; that has notes of it left in it, and is
        to be rolled back."""
        ...

    def start(self, connection: Connection) -> None:
        """Forgets what an earlier try kept, inside the caller's transaction: it is found anew."""
        ...

    def batches(self, connection: Connection) -> Iterator[Batch]:
        """All rows of the job, in batches, those with numbers first and in their order. Looks into the tables between
        two batches, in transactions of its own, so each batch is to be committed before the next is asked for."""
        ...


class Undo(Protocol):
    """What there is to take out of one job, and what was kept of it."""

    def prepare(self, connection: Connection, edited: Edited) -> Removal:
        """Looks at what hangs on the rows, inside the caller's transaction. ``edited`` says what becomes of edited
        rows. Raises UsageError for a missing privilege."""
        ...

    def keep_remaining(self, connection: Connection) -> None:
        """Notes as kept whatever is still there of the job's own rows, once all batches were taken."""
        ...

    def count_kept(self, connection: Connection) -> Mapping[str, int]:
        """How many rows were kept, by reason (``edited``, ``referred``)."""
        ...

    def stream_kept(self, connection: Connection) -> Iterator[bytes]:
        """``kept.csv`` in blocks: each kept row's number in the file (empty where it is not known), its key and why it
        was kept. The transaction must stay open meanwhile."""
        ...
