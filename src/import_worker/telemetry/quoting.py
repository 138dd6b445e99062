"""Which errors may quote a row, so that their text stays out of logs that are kept."""

from typing import TYPE_CHECKING

from import_worker.errors import FailureReason, JobFailed

if TYPE_CHECKING:
    import psycopg


def quotes_database(error: BaseException) -> bool:
    """Whether the sentence holds text of the database's triggers and checks, which may quote a cell."""
    return isinstance(error, JobFailed) and error.reason is FailureReason.TARGET_REJECTED


def may_quote_a_row(error: "psycopg.Error") -> bool:
    """Whether the error's text may quote a row: PostgreSQL's own messages about data do, a trigger's may; those about a
    statement, a privilege or an unsupported feature do not.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    raised_by_trigger = error.diag.source_function == "exec_stmt_raise"
    return raised_by_trigger or not (error.sqlstate or "").startswith(("0A", "42"))
