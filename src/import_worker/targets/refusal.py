"""Distinguishes errors about rows from errors about statements."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from import_worker.database.connection import Connection
from import_worker.row_errors.sentence import Sentence

# The SQLSTATE classes of errors about a row's values: data exception, integrity constraint, limit exceeded (an index
# entry too long), WITH CHECK OPTION, and RAISE in a trigger.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_ROW_CLASSES = ("22", "23", "44", "54", "P0")


class RowsRefused(Exception):
    """The database refuses at least one of the rows; it may accept others. ``str`` is PostgreSQL's primary message,
    which unlike its details does not quote the row."""


@contextmanager
def savepoint(connection: Connection, *, force_rollback: bool = False) -> Iterator[None]:
    """A savepoint of the caller's transaction, undone on an exception, or in any case with ``force_rollback``.

    Raises RowsRefused for an error about rows. The transaction can go on afterwards.
    """
    try:
        with connection.transaction(force_rollback=force_rollback):
            yield
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(_ROW_CLASSES):
            raise
        raise RowsRefused(error.diag.message_primary or Sentence.ROW_REFUSED.render()) from error
