"""Rows that the database refuses cost only themselves; a table that refuses everything ends the job soon."""

import pytest

from tests.support.cli import Cli
from tests.support.host import Host

ROWS = 3_000
FILE = b"name,age\n" + b"".join(b"name %d,%d\n" % (row, row) for row in range(1, ROWS + 1))
BAD = [1, 2, 777, 778, 1500, ROWS]


def _refuse(host: Host, how: str) -> None:
    bad = ", ".join(map(str, BAD))
    condition = f"(payload->>'age')::int NOT IN ({bad})"
    if how == "check":
        host.query(f"ALTER TABLE form_submissions ADD CONSTRAINT not_those CHECK ({condition})")
        return
    table, column = (
        ("form_submission_versions", "payload_snapshot") if "version" in how else ("form_submissions", "payload")
    )
    host.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF (NEW.{column}->>'age')::int IN ({bad}) THEN RAISE EXCEPTION 'not those'; END IF; RETURN NEW; END $$"
    )
    if "deferred" in how:
        host.query(
            f"CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    else:
        host.query(f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")


@pytest.mark.parametrize("how", ["check", "trigger", "deferred trigger", "trigger on versions"])
def test_refused_rows_are_reported_and_the_others_are_in(how: str, cli: Cli, host: Host) -> None:
    _refuse(host, how)
    job_id = host.job(FILE)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    ages = [payload["age"] for payload in host.payloads(job_id)]
    assert ages == [row for row in range(1, ROWS + 1) if row not in BAD]
    assert host.value("SELECT count(*) FROM form_submission_versions") == len(ages)
    errors = host.errors(job_id)
    assert [(error["row_number"], error["error_type"]) for error in errors] == [(row, "constraint") for row in BAD]
    assert all("not_those" in error["error_message"] or "not those" in error["error_message"] for error in errors)
    assert [error["line"] for error in errors] == [row + 1 for row in BAD]
    rejected = host.read(f"imports/{job_id}/rejected.csv").splitlines()
    assert [line.split(",")[1] for line in rejected[1:]] == [str(row) for row in BAD]


@pytest.mark.parametrize("first", [1, 1_000])
def test_many_refused_rows_in_a_row_are_no_table_that_refuses_everything(first: int, cli: Cli, host: Host) -> None:
    last = first + 400
    host.query(
        "ALTER TABLE form_submissions ADD CONSTRAINT not_those"
        f" CHECK ((payload->>'age')::int NOT BETWEEN {first} AND {last})"
    )
    job_id = host.job(FILE)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert [error["row_number"] for error in host.errors(job_id)] == list(range(first, last + 1))
    assert len(host.payloads(job_id)) == ROWS - 401


def test_a_table_that_refuses_everything_ends_the_job_soon(cli: Cli, host: Host) -> None:
    host.query("ALTER TABLE form_submissions ADD CONSTRAINT nothing CHECK (false)")
    job_id = host.job(FILE)
    result = cli("run", "--job-id", job_id)
    assert result.code == 3
    job = host.job_row(job_id)
    assert job["error_summary"]["reason"] == "target_rejected"
    assert "nothing" in job["error_summary"]["message"]
    assert host.payloads(job_id) == []
    host.query("ALTER TABLE form_submissions DROP CONSTRAINT nothing")
    assert cli("retry", job_id).code == 0
    assert len(host.payloads(job_id)) == ROWS
