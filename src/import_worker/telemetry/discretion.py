"""Which errors' words may quote a row, and so stay out of logs that are kept."""

from typing import TYPE_CHECKING

from import_worker.errors import FailureReason, JobFailed

if TYPE_CHECKING:
    import psycopg


def quotes_database(error: BaseException) -> bool:
    """Whether the sentence holds words of the database's triggers and checks, which may quote a cell."""
    return isinstance(error, JobFailed) and error.reason is FailureReason.TARGET_REJECTED


def may_quote_a_row(error: "psycopg.Error") -> bool:
    """False for PostgreSQL's own words about a statement, a privilege or something it cannot do. Its words about data
    quote the data, and those of a trigger may.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    raised_by_trigger = error.diag.source_function == "exec_stmt_raise"
    return raised_by_trigger or not (error.sqlstate or "").startswith(("0A", "42"))
