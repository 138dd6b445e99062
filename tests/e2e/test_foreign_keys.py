"""Foreign keys checked once a chunk are the same guarantee, and are left alone where they would not be."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli, Result
from tests.support.end_state import end_state
from tests.support.host import Host
from tests.support.pause import paused

FILE = b"".join(registry(1_500, bad_share=0.05))
SMALL = b"name,age\n" + b"".join(b"name %d,%d\n" % (row, row) for row in range(1, 301))
OUTCOMES: dict[tuple[bool, int], dict[str, Any]] = {}


@pytest.fixture
def role(host: Host) -> Iterator[str]:
    """A role that may do everything the worker needs, but not set session_replication_role."""
    name = f"limited_{uuid4().hex[:12]}"
    host.query(f"CREATE ROLE {name} LOGIN")
    for schema in ("public", "import_worker"):
        host.query(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        host.query(f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {name}")
        host.query(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
    yield name
    host.query(f"DROP OWNED BY {name}")
    host.query(f"REVOKE SET ON PARAMETER session_replication_role FROM {name}")
    host.query(f"DROP ROLE {name}")


def url_of(role: str, database_url: str) -> str:
    parts = urlsplit(database_url)
    return database_url.replace(parts.netloc, f"{role}:@", 1)


def run(cli: Cli, job_id: object, **environment: str) -> Result:
    return cli("run", "--job-id", job_id, NODE_ENV="production", **environment)


def told(result: Result) -> tuple[bool, str | None]:
    """What the log says of the way taken, which must be one way."""
    lines = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    found = {(line["once_a_chunk"], line["why_not"]) for line in lines if line["event"] == "foreign keys are checked"}
    assert len(found) == 1, result.err
    return found.pop()


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("connections", [1, 2, 4])
def test_both_ways_end_alike(once: bool, connections: int, cli: Cli, host: Host, role: str, database_url: str) -> None:
    if once:
        host.query(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    job_id = host.job(FILE, form_id=host.form(FORM))
    result = run(cli, job_id, DatabaseUrl=url_of(role, database_url), SIN_IMPORT_CONNECTIONS=str(connections))
    assert result.code == 0, result.err
    assert told(result) == (once, None if once else "the role may not set session_replication_role")
    OUTCOMES[once, connections] = state = end_state(host, job_id)
    assert state["stats"]["rows_failed"] > 20
    assert all(other == state for other in OUTCOMES.values())


def test_a_parent_can_neither_go_nor_change_its_key_meanwhile(cli: Cli, host: Host, database_url: str) -> None:
    form_id = host.form()
    job_id = host.job(SMALL, form_id=form_id)
    spare = host.user()
    host.query("UPDATE import_jobs SET created_by = %s WHERE id = %s", spare, job_id)
    host.member(spare, host.organization_id)
    with (
        paused(database_url, "import_worker.chunks", "UPDATE") as pause,
        cli.start("run", "--job-id", job_id) as worker,
    ):
        pause.wait_until_reached()
        # Without the import these would be free to go: only its own rows, which nobody sees yet, refer to them.
        for statement, value in (
            ("DELETE FROM form_versions WHERE form_id = %s", form_id),
            ("UPDATE form_versions SET id = gen_random_uuid() WHERE form_id = %s", form_id),
            ('UPDATE "user" SET id = %s WHERE id = %s', spare),
        ):
            values = [value] if statement.count("%s") == 1 else [f"{value}-new", value]
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("SET lock_timeout = '300ms'")
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    other.execute(statement.encode(), values)
        pause.release()
        assert worker.wait(60) == 0
    assert len(host.payloads(job_id)) == 300


def test_a_parent_that_is_gone_is_told_as_ever(cli: Cli, host: Host, database_url: str) -> None:
    form_id = host.form()
    job_id = host.job(SMALL, form_id=form_id)
    assert run(cli, job_id, SIN_IMPORT_CHUNK_BYTES="65536").code == 0
    host.query("DELETE FROM form_submissions")
    host.query("UPDATE import_jobs SET status = 'importing', completed_at = NULL WHERE id = %s", job_id)
    host.query("UPDATE import_worker.chunks SET state = 'pending' WHERE job_id = %s", job_id)
    host.query("DELETE FROM form_versions WHERE form_id = %s", form_id)
    result = run(cli, job_id)
    assert result.code == 3
    assert "foreign key constraint" in host.job_row(job_id)["error_summary"]["message"]
    once, why = told(result)
    assert not once
    assert "there is no such row in form_versions" in str(why)
    assert host.value("SELECT count(*) FROM form_submissions") == 0


@pytest.mark.parametrize("table", ["form_submissions", "form_submission_versions"])
@pytest.mark.parametrize(("enabled", "fires"), [("", True), ("ALWAYS", True), ("REPLICA", False)])
def test_a_trigger_fires_as_it_would(table: str, enabled: str, fires: bool, cli: Cli, host: Host) -> None:
    host.query("CREATE TABLE fired (id uuid)")
    host.query(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO fired VALUES (NEW.id); RETURN NULL; END $$"
    )
    host.query(f"CREATE TRIGGER note AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note()")
    if enabled:
        host.query(f"ALTER TABLE {table} ENABLE {enabled} TRIGGER note")
    job_id = host.job(SMALL)
    result = run(cli, job_id)
    assert result.code == 0, result.err
    assert told(result) == (False, f"the trigger note on {table}")
    assert host.value("SELECT count(*) FROM fired") == (300 if fires else 0)


def test_a_trigger_that_is_switched_off_is_no_obstacle(cli: Cli, host: Host) -> None:
    host.query("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$")
    host.query("CREATE TRIGGER note AFTER INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION note()")
    host.query("ALTER TABLE form_submissions DISABLE TRIGGER note")
    result = run(cli, host.job(SMALL))
    assert (result.code, told(result)) == (0, (True, None))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("CREATE RULE also AS ON UPDATE TO form_submissions DO ALSO NOTHING", "the rule also on form_submissions"),
        (
            "ALTER TABLE form_submission_versions ADD CONSTRAINT later UNIQUE (id, version_number) DEFERRABLE",
            "the deferrable constraint later on form_submission_versions",
        ),
        ("CREATE TABLE heir () INHERITS (form_submissions)", "form_submissions is not an ordinary table"),
        (
            """CREATE DOMAIN person AS text DEFAULT 'local';
            ALTER TABLE form_submissions ADD COLUMN seen_by person REFERENCES "user\"""",
            "form_submissions_seen_by_fkey: seen_by may differ from row to row",
        ),
        (
            "ALTER TABLE form_submissions ADD COLUMN seen_by text DEFAULT 'local' REFERENCES \"user\"",
            "form_submissions_seen_by_fkey: seen_by may differ from row to row",
        ),
    ],
)
def test_what_else_would_notice_keeps_it_away(change: str, why: str, cli: Cli, host: Host) -> None:
    host.query(change)
    job_id = host.job(SMALL)
    result = run(cli, job_id)
    assert result.code == 0, result.err
    assert told(result) == (False, why)
    assert len(host.payloads(job_id)) == 300


def test_a_key_that_stays_null_needs_no_parent(cli: Cli, host: Host) -> None:
    host.query('ALTER TABLE form_submissions ADD COLUMN seen_by text REFERENCES "user"')
    result = run(cli, host.job(SMALL))
    assert (result.code, told(result)) == (0, (True, None))


def test_a_role_that_may_not_lock_the_parents_checks_row_by_row(
    cli: Cli, host: Host, role: str, database_url: str
) -> None:
    host.query(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    host.query(f"REVOKE UPDATE ON form_versions FROM {role}")
    job_id = host.job(SMALL)
    result = run(cli, job_id, DatabaseUrl=url_of(role, database_url))
    assert result.code == 0, result.err
    assert told(result) == (
        False,
        "form_submissions_form_version_id_fkey: the role may not lock rows of form_versions",
    )
    host.query(f"GRANT UPDATE (id) ON form_versions TO {role}")
    job_id = host.job(SMALL)
    result = run(cli, job_id, DatabaseUrl=url_of(role, database_url))
    assert (result.code, told(result)) == (0, (True, None))


def test_row_level_security_holds_either_way(cli: Cli, host: Host, role: str, database_url: str) -> None:
    host.query(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    host.query("ALTER TABLE form_submissions ENABLE ROW LEVEL SECURITY")
    host.query("CREATE POLICY most ON form_submissions USING (true) WITH CHECK (payload->>'age' <> '7')")
    job_id = host.job(SMALL)
    result = run(cli, job_id, DatabaseUrl=url_of(role, database_url))
    # COPY does not go together with row-level security; what PostgreSQL says of it is told.
    assert told(result) == (True, None)
    assert result.code in (1, 2, 3)
    assert "row-level security" in result.err
    assert host.value("SELECT count(*) FROM form_submissions") == 0


def test_a_parent_hidden_by_row_level_security_is_left_to_postgresql(
    cli: Cli, host: Host, role: str, database_url: str
) -> None:
    """Which checks foreign keys as the owner of the tables, who sees it."""
    host.query(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    job_id = host.job(SMALL)
    environment = {"DatabaseUrl": url_of(role, database_url)}
    with (
        paused(database_url, "import_worker.chunks", "UPDATE") as pause,
        cli.start("run", "--job-id", job_id) as process,
    ):
        pause.wait_until_reached()  # planned while all was to be seen
        process.kill()
        process.communicate()
    host.query("ALTER TABLE form_versions ENABLE ROW LEVEL SECURITY")
    result = run(cli, job_id, **environment)
    assert result.code == 0, result.err
    once, why = told(result)
    assert not once
    assert "no such row in form_versions, or it is not to be seen" in str(why)
    assert len(host.payloads(job_id)) == 300
