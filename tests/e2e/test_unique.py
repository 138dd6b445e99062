"""A field whose values must not come twice: the first row keeps its value, whoever imports and however it is cut."""

import hashlib
import random
from typing import Any
from uuid import UUID

import pytest

from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.in_process import InProcess

UNIQUE = {"type": "unique_in_import"}
FORM: dict[str, Any] = {
    "fields": [
        {"key": "number", "type": "text", "label": "Number", "importValidation": UNIQUE},
        {"key": "fee", "type": "number", "label": "Fee", "importValidation": UNIQUE, "dataClassification": "sensitive"},
        {"key": "born", "type": "date", "label": "Born"},
    ]
}
ROWS = 6_000


def make_file() -> tuple[bytes, dict[tuple[int, str], int]]:
    """A file of several chunks with values that come twice, near and far, and which row loses to which first row."""
    chance = random.Random(7)
    lines, lost = ["number,fee,born"], {}
    first: dict[tuple[str, object], int] = {}
    for row in range(1, ROWS + 1):
        number = chance.randrange(40_000)
        fee = chance.choice([None, chance.randrange(60_000)])
        # The same number, written in another way each time.
        written = "" if fee is None else chance.choice([f"{fee}", f"{fee}.0", f"+{fee}.00", f"{fee}e0"])
        born = "not a day" if row % 500 == 0 else "2001-02-03"
        lines.append(f"M-{number:05},{written},{born}")
        for key, value in (("number", number), ("fee", fee)):
            if value is not None and first.setdefault((key, value), row) != row:
                lost[row, key] = first[key, value]
    return "\n".join(lines).encode(), lost


FILE, LOST = make_file()


def import_file(cli: Cli | InProcess, host: Host, *arguments: str, **settings: str) -> UUID:
    job_id = host.job(FILE, form_id=host.form(FORM))
    result = cli("run", "--job-id", job_id, *arguments, **settings)
    assert result.code == 0, result.err
    return job_id


def expected_errors() -> set[tuple[int, str, str, str, str]]:
    lines = FILE.decode().split("\n")
    cells = {
        row: dict(zip(("number", "fee", "born"), lines[row].split(","), strict=True)) for row in range(1, ROWS + 1)
    }
    errors = {
        (row, key, "duplicate", f"Row {first:,} has this value already", "***" if key == "fee" else cells[row][key])
        for (row, key), first in LOST.items()
    }
    wrong = "Not a date in a known format (YYYY-MM-DD)"
    return errors | {(row, "born", "invalid_date", wrong, "not a day") for row in range(500, ROWS + 1, 500)}


def told(host: Host, job_id: UUID) -> set[tuple[int, str, str, str, str]]:
    names = ("row_number", "field_key", "error_type", "error_message", "raw_value")
    return {tuple(error[name] for name in names) for error in host.errors(job_id)}


@pytest.mark.parametrize(("connections", "chunk_bytes"), [(1, 65_536), (3, 65_536), (3, 70_001), (2, 8_388_608)])
def test_however_it_is_cut(connections: int, chunk_bytes: int, cli: Cli, host: Host) -> None:
    assert len({key for _, key in LOST}) == 2
    assert len(LOST) > 300
    job_id = import_file(
        InProcess.like(cli), host, SIN_IMPORT_CONNECTIONS=str(connections), SIN_IMPORT_CHUNK_BYTES=str(chunk_bytes)
    )
    assert told(host, job_id) == expected_errors()
    bad = {row for row, *_ in expected_errors()}
    assert len(host.payloads(job_id)) == ROWS - len(bad)
    assert host.job_row(job_id)["error_summary"]["byType"] == {"duplicate": len(LOST), "invalid_date": ROWS // 500}
    errors = host.errors(job_id)
    assert all(error["line"] == error["row_number"] + 1 for error in errors)
    assert {error["column_name"] for error in errors} == {"number", "fee", "born"}


def test_a_dry_run_says_the_same_and_the_real_run_after_it(cli: Cli, host: Host) -> None:
    run = InProcess.like(cli)
    job_id = import_file(run, host, "--dry-run")
    assert told(host, job_id) == expected_errors()
    assert host.payloads(job_id) == []
    assert run("run", "--job-id", job_id).code == 0
    assert told(host, job_id) == expected_errors()
    rejected = host.read(f"imports/{job_id}/rejected.csv").splitlines()
    assert len(rejected) - 1 == len({row for row, *_ in expected_errors()})


def test_what_the_form_has_got_already_counts_where_it_is_asked_for(cli: Cli, host: Host) -> None:
    options = [{"value": "a"}, {"value": "b"}]
    fields = [
        {"key": "n", "type": "number", "importValidation": {"type": "unique"}},
        {"key": "t", "type": "text", "importValidation": {"type": "unique"}},
        {"key": "m", "type": "multiselect", "options": options, "importValidation": {"type": "unique"}},
        {"key": "i", "type": "text", "importValidation": UNIQUE},
    ]
    form_id, run = host.form({"fields": fields}), InProcess.like(cli)
    before = host.job(b'n,t,m,i\n1.50,x,"a,b",same\n', form_id=form_id)
    assert run("run", "--job-id", before).code == 0
    elsewhere = host.job(b"n,t,m,i\n9,elsewhere,b,z\n", form_id=host.form({"fields": fields}))
    assert run("run", "--job-id", elsewhere).code == 0

    job_id = host.job(b'n,t,m,i\n15e-1,X,"a, b",same\n2,x,b,s\n9,elsewhere,a,t\n2,y,,u\n', form_id=form_id)
    assert run("run", "--job-id", job_id).code == 0

    assert [(e["row_number"], e["field_key"], e["error_message"]) for e in host.errors(job_id)] == [
        (1, "n", "The form has this value already"),
        (1, "m", "The form has this value already"),
        (2, "t", "The form has this value already"),
        (4, "n", "Row 2 has this value already"),
    ]
    assert [payload["t"] for payload in host.payloads(job_id)] == ["elsewhere"]


def test_a_job_that_goes_on_does_not_find_its_own_rows(cli: Cli, host: Host) -> None:
    """Half of it is in when it is cancelled; the other half is judged by the same plan."""
    form_id = host.form({"fields": [{"key": "n", "type": "text", "importValidation": {"type": "unique"}}]})
    data = b"n\n" + b"".join(f"{number % 9000:09}\n".encode() for number in range(10_000))
    job_id, run = host.job(data, form_id=form_id), InProcess.like(cli)
    host.query(
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57014', MESSAGE = 'stop'; END $$"
    )
    host.query(
        "CREATE TRIGGER stop BEFORE UPDATE ON import_worker.chunks FOR EACH ROW WHEN (NEW.number = 2)"
        " EXECUTE FUNCTION stop()"
    )
    assert run("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1").code == 1
    assert 0 < len(host.payloads(job_id)) < 9_000
    host.query("DROP TRIGGER stop ON import_worker.chunks")
    assert run("run", "--job-id", job_id).code == 0
    assert len(host.payloads(job_id)) == 9_000
    assert [error["error_message"] for error in host.errors(job_id)] == [
        f"Row {row:,} has this value already" for row in range(1, 1_001)
    ]


def test_without_such_a_field_nothing_is_looked_for(cli: Cli, host: Host) -> None:
    job_id = host.job(b"name,age\nAda,1\nAda,1\n")
    assert InProcess.like(cli)("run", "--job-id", job_id).code == 0
    assert host.value("SELECT count(*) FROM import_worker.duplicates") == 0


def test_another_source_after_a_dry_run_is_searched_anew(cli: Cli, host: Host) -> None:
    run, form_id = InProcess.like(cli), host.form(FORM)
    job_id = host.job(b"number,fee\nA,1\nA,2\nB,3\n", form_id=form_id)
    assert run("run", "--job-id", job_id, "--dry-run").code == 0
    assert [error["row_number"] for error in host.errors(job_id)] == [2]
    second = b"number,fee\nA,1\nB,2\nB,2.0\n"
    key = host.put(second)
    host.query(
        "UPDATE import_jobs SET source_file_key = %s, source_file_hash = %s WHERE id = %s",
        key,
        hashlib.sha256(second).hexdigest(),
        job_id,
    )
    assert run("run", "--job-id", job_id).code == 0
    assert [(error["row_number"], error["field_key"]) for error in host.errors(job_id)] == [(3, "number"), (3, "fee")]
    assert [payload["number"] for payload in host.payloads(job_id)] == ["A", "B"]
