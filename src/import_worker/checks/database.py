"""Checking the database: connection, server, clock, and everything that depends on a connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import psycopg.conninfo
from psycopg import sql
from psycopg.rows import dict_row

from import_worker.checks.check import Check, failed, info, ok, skipped, warning
from import_worker.checks.foreign_keys import check_keys
from import_worker.checks.host_tables import check_host_tables
from import_worker.checks.privileges import check_privileges
from import_worker.checks.references import check_references
from import_worker.checks.worker_schema import check_worker_schema
from import_worker.database.connection import Connection, connect
from import_worker.database.queries import fragment, query
from import_worker.errors import ImportWorkerError

CONNECT_SECONDS = 4
"""The limit for each address of the host; two of them stay within the limit of an area."""
OLDEST_VERSION = 150_000
"""``has_parameter_privilege`` and ``GRANT SET ON PARAMETER`` came with PostgreSQL 15.
https://www.postgresql.org/docs/release/15.0/"""
CLOCK_WARNING_SECONDS = 5.0
CLOCK_FAILURE_SECONDS = 300.0
"""AWS refuses requests whose time is more than five minutes off (S3: fifteen).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"""
OTHER_CONNECTIONS = 3
"""Connections of a worker beside one for each chunk in flight: its own, the heartbeat's and the event
sender's."""
SHORT_STATEMENT_MS = 60_000

_CURES = (
    # Words in a message of libpq or the server, and the cure.
    ("password authentication failed", "Put the right password of {user} into DatabaseUrl, percent-encoded."),
    ("no password supplied", "Put the password of {user} into DatabaseUrl, percent-encoded."),
    (
        "pg_hba.conf",
        "Let the role {user} in from this address (pg_hba.conf), with TLS if it must be (sslmode=require).",
    ),
    ("does not support SSL", "Take sslmode=require out of DatabaseUrl, or switch the server's SSL on."),
    ("role ", "Create the role {user}, or name another in DatabaseUrl."),
    ("database ", "Create the database {dbname}, or name another in DatabaseUrl."),
    ("resolve host", "Check the host {host} in DatabaseUrl, and DNS from this network."),
    ("percent-encoded", "Percent-encode the user and the password in DatabaseUrl."),
    ("too many", "Close connections, or raise the limit that the message names."),
    ("remaining connection slots", "Close connections, or raise max_connections."),
)

_STEPS: tuple[tuple[str, Callable[[Connection], Iterator[Check]]], ...] = (
    ("database: worker's schema", check_worker_schema),
    ("database: host tables", check_host_tables),
    ("database: privileges", check_privileges),
    ("database: foreign keys", check_keys),
    ("database: rollback", check_references),
)


@dataclass(frozen=True)
class Workload:
    """How many connections one worker opens for chunks, and how many workers there may be at once."""

    connections: int
    workers: int


def check_database(url: str, workload: Workload) -> Iterator[Check]:
    """All checks of the database. Without a connection, the rest is skipped."""
    try:
        connection = connect(url, timeout_seconds=CONNECT_SECONDS)
    except ImportWorkerError as error:
        yield failed("database: connection", str(error), _cure_of_refusal(str(error), url))
        for name in ("database: server", *(name for name, _ in _STEPS)):
            yield skipped(name, "there is no connection")
        return
    with connection:
        before = datetime.now(UTC)
        with connection.cursor(row_factory=dict_row) as cursor:
            facts = cursor.execute(query("server_facts")).fetchone()
        assert facts is not None  # the role and the database that it is connected to exist
        yield ok("database: connection", f"connected to {_describe_place(url)} as {facts['role']}")
        yield from check_server(facts)
        yield check_clock(facts["now"], before, datetime.now(UTC))
        if connection.info.backend_pid == facts["backend_pid"]:
            yield from check_connections(facts, workload)
            yield info("database: pooler", "none in between; connected to the server itself")
        else:
            yield info("database: connections", "shared by the pooler, whose pool sizes decide how many there are")
            yield info(
                "database: pooler",
                "a pooler such as PgBouncer or RDS Proxy is in between; the worker keeps no session state",
            )
        for name, step in _STEPS:
            try:
                yield from step(connection)
            except psycopg.Error as error:
                yield failed(
                    name,
                    f"PostgreSQL refused a look at its catalog: {error.diag.message_primary or type(error).__name__}",
                    "Mend what the message names, and run doctor again.",
                )


def check_server(facts: dict[str, Any]) -> Iterator[Check]:
    """Checks version and encoding, and whether the server takes writes. ``facts``: a row of ``server_facts``."""
    name = "database: server"
    if facts["version_number"] < OLDEST_VERSION:
        yield failed(name, f"PostgreSQL {facts['version']}", "Upgrade the server to PostgreSQL 15 or newer.")
    elif facts["read_only"]:
        yield failed(
            name,
            "the server takes no writes (a replica, or default_transaction_read_only is on)",
            "Name the primary (on Aurora: the cluster's writer endpoint) in DatabaseUrl.",
        )
    elif facts["encoding"] != "UTF8":
        yield failed(
            name,
            f"the database's encoding is {facts['encoding']}",
            "Use a database with ENCODING 'UTF8'; others cannot hold every character of a file.",
        )
    else:
        yield ok(name, f"PostgreSQL {facts['version']}")
    if 0 < facts["statement_timeout_ms"] < SHORT_STATEMENT_MS:
        yield warning(
            "database: time-outs",
            f"statement_timeout is {facts['statement_timeout_ms']} ms; loading a chunk may take longer",
            fragment("allow_long_statements", role=sql.Identifier(facts["role"])).as_string(),
        )


def check_clock(theirs: datetime, before: datetime, after: datetime) -> Check:
    """Compares the server's clock with ours, as exactly as the time between question and answer allows."""
    name = "database: clock"
    seconds = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if seconds > CLOCK_FAILURE_SECONDS:
        return failed(
            name, f"{seconds:,.0f} s from the database's", "Set this machine's clock (NTP); AWS refuses such requests."
        )
    if seconds > CLOCK_WARNING_SECONDS:
        return warning(name, f"{seconds:,.0f} s from the database's", "Set this machine's clock (NTP).")
    return ok(name, "agrees with the database's")


def check_connections(facts: dict[str, Any], workload: Workload) -> Iterator[Check]:
    """Whether the server, the database and the role leave room for the workers' connections."""
    name = "database: connections"
    per_worker = workload.connections + OTHER_CONNECTIONS
    wanted = per_worker * workload.workers
    needed = f"{per_worker} for a worker" + (
        f", {wanted:,} for {workload.workers} workers" if workload.workers > 1 else ""
    )
    limits = [
        ("the server", facts["max_connections"], facts["connections"], "max_connections"),
        ("the role", facts["role_limit"], facts["role_connections"], "the role's CONNECTION LIMIT"),
        ("the database", facts["database_limit"], facts["database_connections"], "the database's CONNECTION LIMIT"),
    ]
    known = [limit for limit in limits if limit[1] >= 0]
    for who, limit, used, parameter in known:
        cure = (
            f"Lower SIN_IMPORT_CONNECTIONS or SIN_IMPORT_MAX_TASKS, or raise {parameter}, or put a pooler in between."
        )
        if limit < wanted:
            yield failed(name, f"{who} allows {limit:,} connections; needed: {needed}", cure)
            return
        if limit - used < wanted:
            yield warning(
                name, f"{who} has {max(limit - used, 0):,} of {limit:,} connections free; needed: {needed}", cure
            )
            return
    free = min(limit - used for _, limit, used, _ in known)
    yield ok(name, f"{free:,} are free; needed: {needed}")


def _describe_place(url: str) -> str:
    """Host and database of a URL, without user and password."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"{host}{port}, database {parts.get('dbname') or parts.get('user') or '(default)'}"


def _cure_of_refusal(sentence: str, url: str) -> str:
    parts: dict[str, Any] = {}
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "Write DatabaseUrl as postgresql://user:password@host:5432/database."
    values = {name: parts.get(name) or f"({name})" for name in ("user", "dbname", "host")}
    for words, cure in _CURES:
        if words in sentence:
            return cure.format(**values)
    return (
        "Check that PostgreSQL runs at the host and port of DatabaseUrl and that this machine may reach it (security"
        " groups, routes, listen_addresses)."
    )
