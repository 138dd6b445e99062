"""Connections to PostgreSQL, and the only place that translates driver errors into this program's errors.

Everything here works through RDS Proxy and PgBouncer in transaction mode: no session state, no prepared statements,
every setting local to its transaction.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_dumps, set_json_loads

from import_worker.database.address import UNENCODED, explain_unusable_url, is_ambiguous
from import_worker.database.json import dumps, loads
from import_worker.errors import DatabaseUnavailable, UsageError

Connection = psycopg.Connection[TupleRow]

CONNECT_TIMEOUT_SECONDS = 10

set_json_dumps(dumps)
set_json_loads(loads)

# Transient failures: connection exception, resources, operator intervention, serialization and deadlock, lock not
# available. https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRANSIENT = ("08", "53", "57", "40", "55P03", "25P03")
_REFUSED = re.compile(
    r"password authentication failed|no password supplied|role .* does not exist|"
    r"database .* does not exist|no pg_hba.conf entry|server does not support SSL"
)


def connect(url: str, *, timeout_seconds: int = CONNECT_TIMEOUT_SECONDS) -> Connection:
    """Opens a connection in autocommit mode. Raises DatabaseUnavailable, or UsageError when the server refuses these
    credentials."""
    if is_ambiguous(url):
        raise UsageError(UNENCODED)
    try:
        return psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=timeout_seconds,
            application_name="solstice-import-worker",
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
    except psycopg.ProgrammingError:
        raise UsageError(explain_unusable_url(url)) from None
    except psycopg.OperationalError as error:
        if "invalid integer value" in str(error):
            raise UsageError(explain_unusable_url(url)) from None
        # If a host has several addresses, libpq's message has a line for each.
        refusal = next((line for line in str(error).splitlines() if _REFUSED.search(line)), None)
        if refusal is not None:
            sentence = _without_prefix(refusal)
            raise UsageError(f"PostgreSQL refused the connection: {sentence}; check DatabaseUrl.") from None
        sentence = _sentence(error)
        raise DatabaseUnavailable(
            f"PostgreSQL does not answer ({sentence}); check that it runs and that DatabaseUrl names it."
        ) from None


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translates transient driver errors to DatabaseUnavailable, and missing tables or privileges to UsageError.

    Errors about data (constraints, values) are passed on unchanged.
    """
    try:
        yield
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.UndefinedColumn,
    ) as error:
        raise UsageError(
            f"The database lacks something: {_sentence(error)}; run `import-worker init`, with"
            " --standalone where no host application has made its tables."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise UsageError(f"The database role lacks a privilege: {_sentence(error)}; grant it.") from error
    except psycopg.Error as error:
        state = error.sqlstate or ""
        if state.startswith(_TRANSIENT) or (
            not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        ):
            raise DatabaseUnavailable(f"The connection to PostgreSQL broke ({_sentence(error)}).") from error
        raise


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """One transaction, whose driver errors are translated. Commits at the end, rolls back on an exception."""
    with translate_errors(), connection.transaction():
        yield connection


def _sentence(error: psycopg.Error) -> str:
    """The error's first line: libpq's messages name hosts and roles, but never passwords. A trigger's message is left
    out, because it may quote a row."""
    if error.diag.source_function == "exec_stmt_raise":
        return f"a trigger raised SQLSTATE {error.sqlstate}"
    text = error.diag.message_primary or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Multiple connection attempts failed"):
        lines = lines[1:]
    return _without_prefix((lines or [type(error).__name__])[0])


def _without_prefix(line: str) -> str:
    return line.strip().rpartition("connection failed: ")[2].rstrip(".")
