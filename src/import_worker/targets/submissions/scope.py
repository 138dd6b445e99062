"""A set of submissions, given by a range or a list of their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from import_worker.database.queries import fragment


@dataclass(frozen=True)
class Scope:
    """The submissions with ids from ``first`` to ``last``, both included, or those with ids in ``ids``."""

    first: UUID | None = None
    last: UUID | None = None
    ids: Sequence[Any] = ()

    def on(self, column: str) -> sql.Composable:
        """The SQL condition that a column holds one of these ids."""
        name = sql.SQL(column)
        if self.first is not None and self.last is not None:
            first, last = sql.Literal(self.first), sql.Literal(self.last)
            return fragment("in_range", column=name, first=first, last=last)
        return fragment("in_list", column=name, ids=sql.Literal(list(self.ids)))
