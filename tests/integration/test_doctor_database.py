"""`doctor` about the database: each failure is named with its cure, and the cure, applied as printed, cures it."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from import_worker.checks.check import Check, State, ok
from import_worker.checks.database import Workload, check_clock, check_connections, check_database, check_server
from import_worker.checks.requirements import COLUMNS, NEEDS
from import_worker.checks.time_limit import run_checks
from import_worker.local.sample import FORM, registry
from import_worker.targets.needs import ColumnKind, Need
from tests.support.cli import Cli
from tests.support.files import FILE_FORM, MAPPING, describe, file_rows, store_file, table
from tests.support.host import Host
from tests.support.postgres import Server
from tests.support.proxy import Break, proxy_to, unix_socket

PASSWORD = "s3cret-horse"


@dataclass
class Role:
    """A role of one test; it has the least that works, unless the test takes something away."""

    name: str
    url: str
    admin: psycopg.Connection

    def run(self, statement: str) -> None:
        self.admin.execute(statement.encode())


@pytest.fixture
def role(database_url: str) -> Iterator[Role]:
    name = f"worker {uuid4().hex[:8]}"  # a name that must be quoted
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        parts = urlsplit(database_url)
        url = parts._replace(netloc=f"{name.replace(' ', '%20')}@").geturl()
        try:
            yield Role(name, url, admin)
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def checks_of(url: str, connections: int = 2) -> list[Check]:
    return list(check_database(url, Workload(connections, 1)))


def failures(url: str) -> list[Check]:
    return [check for check in checks_of(url) if check.state is State.FAILED]


def statements(check: Check) -> list[str]:
    assert check.cure is not None
    return [line for line in check.cure.splitlines() if line.endswith(";")]


def apply_cures(role: Role) -> list[Check]:
    """Runs every statement that doctor prints for the role's failures; returns those."""
    found = failures(role.url)
    for check in found:
        assert statements(check), check
        for statement in statements(check):
            role.run(statement)
    return found


@pytest.fixture
def granted(role: Role) -> Role:
    apply_cures(role)
    return role


def test_a_role_without_privileges_is_green_after_what_doctor_prints(role: Role) -> None:
    found = apply_cures(role)
    assert {f"{need.privilege} on {need.table}" for need in NEEDS} <= {
        f"{check.found.split(' lacks ')[1].split(' ')[0]} on {check.found.rsplit(' ', 1)[1]}"
        for check in found
        if check.name == "database: privileges"
    }
    assert failures(role.url) == []


def test_what_doctor_prints_is_enough_for_everything(granted: Role, cli: Cli, host: Host) -> None:
    """Import with errors, resume, cancel, rollback, reap and events: with those privileges and no other."""
    cli.environment["DatabaseUrl"] = granted.url
    job_id = host.job(b"".join(registry(1_000, bad_share=0.1)), form_id=host.form(FORM))
    template = host.template({"name": "name"}, form_id=(form := host.form()))
    second = host.job(b"name\nAda\n", form_id=form, template_id=template)
    third = host.job(b"name\nAda\n")
    fourth = _job_with_files(host)
    for job in (job_id, second, fourth):
        result = cli("run", "--job-id", job)
        assert result.code == 0, result.err
    for command in ("status", "errors", "cancel"):
        result = cli(command, third if command == "cancel" else job_id)
        assert result.code == 0, result.err
    for command in ("list", "reap"):
        assert cli(command).code == 0
    assert len(file_rows(host, fourth)) == 1
    for job in (job_id, fourth):
        result = cli("rollback", job)
        assert result.code == 0, result.err
        assert host.job_row(job)["status"] == "rolled_back"
    assert host.value("SELECT count(*) FROM submission_files") == 0


def _job_with_files(host: Host) -> UUID:
    form_id = host.form(FILE_FORM)
    cell = describe(store_file(host, form_id, "a.pdf"))
    return host.job(table([["Ada", cell, ""]]), form_id=form_id, template_id=host.template(MAPPING, form_id))


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"{need.privilege} {need.table}")
def test_a_privilege_that_is_missing_is_named_with_its_grant(granted: Role, need: Need) -> None:
    column = need.columns[0] if need.columns else None
    granted.admin.execute(
        sql.SQL("REVOKE {}{} ON {} FROM {}").format(
            sql.SQL(need.privilege),
            sql.SQL(" ({})").format(sql.Identifier(column)) if column else sql.SQL(""),
            sql.Identifier(need.table),
            sql.Identifier(granted.name),
        )
    )
    (check,) = failures(granted.url)
    assert need.privilege in check.found
    assert need.table in check.found
    columns = f" ({chr(34)}{column}{chr(34)})" if column else ""
    table = '"user"' if need.table == "user" else need.table
    assert statements(check) == [f'GRANT {need.privilege}{columns} ON public.{table} TO "{granted.name}";']
    apply_cures(granted)
    assert failures(granted.url) == []


@pytest.mark.parametrize("privilege", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_a_privilege_on_the_worker_s_own_tables(granted: Role, privilege: str) -> None:
    granted.run(f'REVOKE {privilege} ON import_worker.chunks FROM "{granted.name}"')
    (check,) = failures(granted.url)
    assert f"{privilege} on import_worker.chunks" in check.found
    apply_cures(granted)
    assert failures(granted.url) == []


def test_tables_in_a_schema_that_the_role_does_not_see(granted: Role) -> None:
    granted.run("CREATE SCHEMA host; ALTER TABLE organizations SET SCHEMA host")
    (check,) = failures(granted.url)
    assert "organizations is in the schema host" in check.found
    assert statements(check)[0] == f'GRANT USAGE ON SCHEMA "host" TO "{granted.name}";'


def test_a_wrong_password(password_role: Role, cli: Cli) -> None:
    wrong = password_role.url.replace(PASSWORD, "wrong-horse")
    result = cli("doctor", DatabaseUrl=wrong)
    assert result.code == 2
    assert "password authentication failed" in result.out
    assert "Put the right password" in result.out
    assert "horse" not in result.out + result.err
    assert "Traceback" not in result.err
    (check, *rest) = checks_of(wrong)
    assert check.state is State.FAILED
    assert {one.state for one in rest} == {State.SKIPPED}
    assert next(one for one in checks_of(password_role.url)).state is State.OK
    # `run` names it as well, and does not take it for a network that fails.
    assert cli("list", DatabaseUrl=wrong).code == 2


@pytest.fixture
def password_role(role: Role, postgres: Server, database_url: str) -> Iterator[Role]:
    """A role that must give its password."""
    row = role.admin.execute("SHOW hba_file").fetchone()
    assert row is not None
    hba = Path(row[0])
    before = hba.read_text()
    role.admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role.name), sql.Literal(PASSWORD)))
    hba.write_text(f'local all "{role.name}" scram-sha-256\n{before}')
    role.run("SELECT pg_reload_conf()")
    time.sleep(0.3)
    try:
        yield Role(role.name, role.url.replace("@", f":{PASSWORD}@", 1), role.admin)
    finally:
        hba.write_text(before)
        role.run("SELECT pg_reload_conf()")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"path": "/nowhere"}, ('database "nowhere" does not exist', "Create the database nowhere")),
        ({"netloc": "nobody@"}, ('role "nobody" does not exist', "Create the role nobody")),
        ({"netloc": "postgres@no-such-host.invalid", "query": ""}, ("resolve host", "no-such-host.invalid", "DNS")),
        ({"netloc": "postgres@127.0.0.1:1", "query": ""}, ("refused", "security groups")),
        ({"netloc": f"u:{PASSWORD}@{PASSWORD}@127.0.0.1", "query": ""}, ("percent-encoded",)),
        ({"netloc": f"u:{PASSWORD}", "path": "/x@127.0.0.1/db", "query": ""}, ("percent-encoded",)),
        ({"netloc": f"u:a@{PASSWORD}", "path": "/x@127.0.0.1/db", "query": ""}, ("percent-encoded",)),
        ({"netloc": f"u:a?{PASSWORD}@{PASSWORD}@127.0.0.1", "query": ""}, ("percent-encoded",)),
        ({"netloc": f"u@127.0.0.1:{PASSWORD}", "query": ""}, ("The port in DatabaseUrl is not a number",)),
        ({"netloc": "u:with space@127.0.0.1", "query": ""}, ("percent-encoded",)),
        ({"query": "nonsense=1"}, ("the parameter 'nonsense', which PostgreSQL does not know",)),
        ({"scheme": "mysql"}, ("not a PostgreSQL URL", "postgresql://")),
    ],
    ids=[
        *("database", "role", "host", "port", "password with @", "password with /", "password with @ and /"),
        *("password with ? and @", "port that is none", "space", "parameter", "scheme"),
    ],
)
def test_a_wrong_url(database_url: str, change: dict[str, str], words: tuple[str, ...]) -> None:
    check = checks_of(urlsplit(database_url)._replace(**change).geturl())[0]
    assert check.state is State.FAILED
    for word in words:
        assert word in f"{check.found} {check.cure}"
    assert PASSWORD not in f"{check.found} {check.cure}"


def test_a_server_without_ssl(database_url: str, cli: Cli) -> None:
    folder = parse_qs(urlsplit(database_url).query)["host"][0]
    with proxy_to(unix_socket(f"{folder}/.s.PGSQL.5432")) as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?sslmode=require"
        check = checks_of(url)[0]
        assert "does not support SSL" in check.found
        assert check.cure == "Take sslmode=require out of DatabaseUrl, or switch the server's SSL on."
        assert cli("list", DatabaseUrl=url).code == 2


def test_a_host_that_swallows_everything_costs_ten_seconds_at_most(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begin = time.monotonic()
        result = cli("doctor", DatabaseUrl=f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/solstice")
        assert time.monotonic() - begin < 14
    assert result.code == 2
    assert "bucket: write" in result.out, "the other checks are hidden"
    assert PASSWORD not in result.out + result.err


def test_a_server_that_falls_silent_in_the_middle(database_url: str) -> None:
    folder = dict(part.split("=") for part in urlsplit(database_url).query.split("&"))["host"]
    with proxy_to(unix_socket(f"{folder}/.s.PGSQL.5432")) as proxy:
        proxy.add(Break("stall", "down", 2_000))
        url = urlsplit(database_url)._replace(netloc=f"postgres@127.0.0.1:{proxy.port}", query="").geturl()
        begin = time.monotonic()
        found = run_checks(
            [("database", lambda: check_database(url, Workload(1, 1))), ("other", lambda: iter([ok("other", "is")]))],
            seconds=3,
        )
        assert time.monotonic() - begin < 5
    assert [check.name for check in found if check.state is State.FAILED] == ["database: time"]
    assert found[-1].name == "other"


def test_an_area_that_surprises_hides_no_other_and_shows_no_secret() -> None:
    def surprising() -> Iterator[Check]:
        yield ok("first", "is")
        raise ValueError(PASSWORD)

    found = run_checks([("one", surprising), ("two", lambda: iter([ok("second", "is")]))])
    assert [check.name for check in found] == ["first", "one: surprise", "second"]
    assert PASSWORD not in str(found)


def test_no_schema_at_all(postgres: Server, cli: Cli) -> None:
    with postgres.fresh_database(empty=True) as url:
        result = cli("doctor", DatabaseUrl=url)
        assert result.code == 2
        assert "there is no schema import_worker" in result.out
        assert "none of the 15 tables of the host application is there" in result.out
        assert "import-worker init --standalone" in result.out
        assert cli("init", "--standalone", DatabaseUrl=url).code == 0
        result = cli("doctor", DatabaseUrl=url)
        assert result.code == 0, result.out


def test_an_older_and_a_newer_schema(database_url: str, cli: Cli) -> None:
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute("DROP SCHEMA import_worker CASCADE")
        assert cli("init", DatabaseUrl=database_url).code == 0
        admin.execute("DELETE FROM import_worker.migrations WHERE name LIKE '0003%'")
        (check,) = failures(database_url)
        assert "older" in check.found
        assert "import-worker init" in (check.cure or "")
        admin.execute("ALTER TABLE import_worker.attempts DROP COLUMN progress")
        assert cli("init", DatabaseUrl=database_url).code == 0
        assert failures(database_url) == []
        admin.execute("INSERT INTO import_worker.migrations (name) VALUES ('9999_from_the_future')")
        (check,) = failures(database_url)
        assert "newer" in check.found
        assert "9999_from_the_future" in check.found


def test_an_older_schema_of_another_role(granted: Role) -> None:
    granted.run("DELETE FROM import_worker.migrations WHERE name LIKE '0003%'")
    (check,) = failures(granted.url)
    assert "older" in check.found
    assert check.cure == "Run `import-worker init` as the role postgres, who owns the schema."


@pytest.mark.parametrize("table", COLUMNS)
def test_each_column_that_is_missing_or_of_another_type(database_url: str, table: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as admin:
        for column, kind in COLUMNS[table].items():
            name = sql.SQL("{}.{}").format(sql.Identifier(table), sql.Identifier(column))
            rename = sql.SQL("ALTER TABLE {} RENAME {} TO gone").format(sql.Identifier(table), sql.Identifier(column))
            admin.execute(rename)
            found = [check.found for check in failures(database_url)]
            assert f"{table} has no column {column} ({kind})" in found, name
            other = "point" if kind != ColumnKind.TEXT else "bytea"
            add = sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(
                sql.Identifier(table), sql.Identifier(column), sql.SQL(other)
            )
            admin.execute(add)
            found = [check.found for check in failures(database_url)]
            assert f"{table}.{column} is {other}; it must be {kind}" in found
            admin.execute(sql.SQL("ALTER TABLE {} DROP {}").format(sql.Identifier(table), sql.Identifier(column)))
            back = sql.SQL("ALTER TABLE {} RENAME gone TO {}").format(sql.Identifier(table), sql.Identifier(column))
            admin.execute(back)
    assert failures(database_url) == []


def test_types_that_do_as_well(host: Host, database_url: str) -> None:
    host.query("CREATE DOMAIN label AS varchar(50) NOT NULL DEFAULT ''")
    host.query("ALTER TABLE forms ALTER name TYPE label")
    host.query("ALTER TABLE import_jobs ALTER progress_checkpoint TYPE bigint")
    assert failures(database_url) == []
    host.query("ALTER TABLE import_jobs ALTER created_at TYPE timestamp")
    (check,) = failures(database_url)
    assert "import_jobs.created_at is timestamp without time zone" in check.found


def test_a_column_that_must_be_given_and_is_not(host: Host, database_url: str) -> None:
    host.query("ALTER TABLE form_submissions ADD season text NOT NULL DEFAULT 'x'")
    assert failures(database_url) == []
    host.query("ALTER TABLE form_submissions ALTER season DROP DEFAULT")
    (check,) = failures(database_url)
    assert "form_submissions.season is NOT NULL without a default" in check.found


def test_row_level_security_that_applies(granted: Role) -> None:
    granted.run("ALTER TABLE forms ENABLE ROW LEVEL SECURITY")
    warnings = [check for check in checks_of(granted.url) if check.state is State.WARNING]
    assert ["row-level security" in check.found for check in warnings] == [True]


def test_the_foreign_key_path_and_what_to_grant(granted: Role) -> None:
    def found() -> Check:
        (check,) = [check for check in checks_of(granted.url) if check.name == "database: foreign keys"]
        return check

    seen = []
    while found().state is State.INFO:
        seen.append(found().found)
        assert len(seen) < 4, seen
        grants = statements(found())
        assert grants
        for statement in grants:
            granted.run(statement)
    assert found().state is State.OK
    assert "the role may not set session_replication_role" in seen[0]
    assert "may not lock the parents" in seen[1]
    granted.run(f'REVOKE SET ON PARAMETER session_replication_role FROM "{granted.name}"')


def test_a_trigger_keeps_the_row_by_row_path(host: Host, database_url: str) -> None:
    host.query("CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    host.query("CREATE TRIGGER told BEFORE INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION noop()")
    (check,) = [check for check in checks_of(database_url) if check.name == "database: foreign keys"]
    assert check.state is State.INFO
    assert "the trigger told" in check.found
    assert failures(database_url) == []


def test_a_trigger_on_the_table_of_files_concerns_imports_of_files_alone(host: Host, database_url: str) -> None:
    host.query("CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    host.query("CREATE TRIGGER told BEFORE INSERT ON submission_files FOR EACH ROW EXECUTE FUNCTION noop()")
    (check,) = [check for check in checks_of(database_url) if check.name == "database: foreign keys"]
    assert check.state is State.INFO
    assert check.found.startswith("of imports into file fields are checked row by row")
    assert "the trigger told on submission_files" in check.found


FACTS: dict[str, Any] = {
    "version_number": 150_004,
    "version": "15.4",
    "read_only": False,
    "encoding": "UTF8",
    "statement_timeout_ms": 0,
    "role": "worker",
    "max_connections": 97,
    "connections": 5,
    "role_limit": -1,
    "role_connections": 0,
    "database_limit": -1,
    "database_connections": 0,
}


@pytest.mark.parametrize(
    ("facts", "state", "word"),
    [
        ({}, State.OK, "15.4"),
        ({"version_number": 140_011, "version": "14.11"}, State.FAILED, "PostgreSQL 15 or newer"),
        ({"read_only": True}, State.FAILED, "primary"),
        ({"encoding": "LATIN1"}, State.FAILED, "UTF8"),
        ({"statement_timeout_ms": 5_000}, State.WARNING, "statement_timeout = 0"),
    ],
)
def test_a_server_that_will_not_do(facts: dict[str, Any], state: State, word: str) -> None:
    check = list(check_server(FACTS | facts))[-1]
    assert check.state is state
    assert word in f"{check.found} {check.cure}"


def test_a_real_server_that_takes_no_writes(granted: Role) -> None:
    granted.run(f'ALTER ROLE "{granted.name}" SET default_transaction_read_only = on')
    assert any("takes no writes" in check.found for check in failures(granted.url))


@pytest.mark.parametrize(
    ("facts", "workers", "state"),
    [
        ({}, 1, State.OK),
        ({"connections": 95}, 1, State.WARNING),
        ({"max_connections": 3}, 1, State.FAILED),
        ({"role_limit": 3}, 1, State.FAILED),
        ({"database_limit": 10, "database_connections": 8}, 1, State.WARNING),
        ({}, 30, State.FAILED),
    ],
)
def test_room_for_connections(facts: dict[str, Any], workers: int, state: State) -> None:
    (check,) = check_connections(FACTS | facts, Workload(4, workers))
    assert check.state is state
    assert (check.cure is None) == (state is State.OK)


def test_a_real_role_with_few_connections(granted: Role) -> None:
    granted.run(f'ALTER ROLE "{granted.name}" CONNECTION LIMIT 3')
    (check,) = failures(granted.url)
    assert "the role allows 3 connections" in check.found
    granted.run(f'ALTER ROLE "{granted.name}" CONNECTION LIMIT 20')
    assert failures(granted.url) == []


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, State.OK), (-3, State.OK), (8, State.WARNING), (-8, State.WARNING), (900, State.FAILED)]
)
def test_clocks(seconds: float, state: State) -> None:
    now = datetime.now(UTC)
    assert check_clock(now + timedelta(seconds=seconds), now, now + timedelta(seconds=0.5)).state is state


def test_a_connection_is_closed_again(database_url: str, host: Host) -> None:
    checks_of(database_url)
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        for _ in range(50):
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'solstice-import-worker'"
            ).fetchone()
            if row == (0,):
                return
            time.sleep(0.05)
    raise AssertionError("a connection is still open")


def test_columns_that_refer_to_submissions_without_an_index_are_named(granted: Role) -> None:
    checks = [check for check in checks_of(granted.url) if check.name == "database: rollback"]
    (slow,) = checks
    assert slow.state is State.INFO
    for column in (
        *("submission_files.submission_id", "reporting_submissions.form_submission_id"),
        "reporting_submission_history.form_submission_version_id",
    ):
        assert column in slow.found
    for statement in statements(slow):
        granted.run(statement)
    (quick,) = [check for check in checks_of(granted.url) if check.name == "database: rollback"]
    assert quick.state is State.OK


def test_a_table_that_refers_to_submissions_and_is_not_to_be_seen(granted: Role) -> None:
    granted.run("CREATE TABLE review (submission_id uuid REFERENCES form_submissions ON DELETE CASCADE)")
    granted.run("CREATE INDEX ON review (submission_id)")
    (check,) = failures(granted.url)
    assert "review" in check.found
    apply_cures(granted)
    assert failures(granted.url) == []
