"""What an unfriendly file, form, user or setting could try."""

import csv
import io
import json
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest

from tests.support.cli import Cli
from tests.support.host import Host

SECRET = "very-secret-indeed"
HOSTILE = "x'); DROP TABLE form_submissions; --\"\\;$1 %s {0}"


def test_reports_run_no_formula_in_a_spreadsheet(cli: Cli, host: Host) -> None:
    cells = ["=1+1", "+1 x", "-1 x", "@SUM(A1)", "\t=1", "\r=1", "plain"]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["name", "age"], *(["Ada", cell] for cell in cells)])
    job_id = host.job(text.getvalue().encode())
    assert cli("run", "--job-id", job_id).code == 0
    report = list(csv.DictReader(io.StringIO(host.read(f"imports/{job_id}/errors.csv"), newline="")))
    assert [row["rawValue"] for row in report] == [*("'" + cell for cell in cells[:-1]), "plain"]


def test_sensitive_values_are_nowhere_but_in_the_rejected_rows(cli: Cli, host: Host) -> None:
    form = {
        "fields": [
            {"key": "name", "type": "text", "required": True},
            {"key": "sin", "type": "number", "dataClassification": "sensitive"},
        ]
    }
    rows = f"name,sin\nAda,{SECRET}\n,{SECRET}\nBea,{SECRET},too many\nLin,7{SECRET}\0\n"
    job_id = host.job(rows.encode(), form_id=host.form(form))
    host.query("ALTER TABLE form_submissions ADD CHECK (payload->>'name' <> 'Cleo')")
    runs = [cli("run", "--job-id", job_id), cli("status", job_id, "--json"), cli("errors", job_id, "--json")]
    assert [run.code for run in runs] == [0, 0, 0]
    told = "".join(run.out + run.err for run in runs)
    stored = json.dumps(
        host.query("SELECT * FROM import_worker.errors")
        + host.query("SELECT * FROM import_worker.events")
        + host.query("SELECT * FROM import_worker.attempts")
        + host.query("SELECT * FROM import_job_errors")
        + host.query("SELECT * FROM audit_logs")
        + [host.job_row(job_id)],
        default=str,
    )
    assert SECRET not in told + stored + host.read(f"imports/{job_id}/errors.csv")
    assert "***" in told
    assert host.read(f"imports/{job_id}/rejected.csv").count(SECRET) == 4


def test_a_refused_row_is_not_quoted_by_its_error(cli: Cli, host: Host) -> None:
    job_id = host.job(f"name,age\n{SECRET},1\n".encode())
    host.query(f"ALTER TABLE form_submissions ADD CHECK (payload->>'name' <> '{SECRET}')")
    assert cli("run", "--job-id", job_id).code == 0
    assert host.errors(job_id)[0]["error_type"] == "constraint"
    everything = cli("errors", job_id, "--json").out + cli("status", job_id, "--json").out
    everything += host.read(f"imports/{job_id}/errors.csv") + json.dumps(host.job_row(job_id), default=str)
    assert SECRET not in everything


@pytest.mark.parametrize("arguments", [["list", "--json"], ["--debug", "list"], ["run", "--job-id", str(UUID(int=0))]])
@pytest.mark.parametrize("production", ["production", "development"])
def test_secrets_are_in_no_output(arguments: list[str], production: str, cli: Cli, tmp_path: Path) -> None:
    for url in (
        f"postgresql://someone:{SECRET}@127.0.0.1:9/nowhere",
        f"postgresql://someone:{SECRET}@/nowhere?host={tmp_path}",
        f"postgresql://someone:{SECRET}@[broken/nowhere",
        f"{SECRET}",
    ):
        result = cli(
            *arguments, DatabaseUrl=url, NODE_ENV=production, BetterAuthSecret=SECRET, AWS_SECRET_ACCESS_KEY=SECRET
        )
        assert result.code in (1, 2)
        assert SECRET not in result.out + result.err


def test_names_full_of_sql_are_only_names(cli: Cli, host: Host) -> None:
    form = {"fields": [{"key": HOSTILE, "type": "text", "label": HOSTILE, "required": True}]}
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[HOSTILE], [HOSTILE], ["  "]])
    user = host.user()
    host.query('UPDATE "user" SET id = %s WHERE id = %s', HOSTILE, user)
    host.member(HOSTILE, host.organization_id)
    job_id = host.job(text.getvalue().encode(), form_id=host.form(form), created_by=HOSTILE)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert host.payloads(job_id) == [{HOSTILE: HOSTILE}]
    assert host.value("SELECT submitter_id FROM form_submissions") == HOSTILE
    assert host.errors(job_id)[0]["field_key"] == HOSTILE
    assert cli("errors", job_id, "--field", HOSTILE, "--json").json["errors"][0]["column"] == HOSTILE


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(?=(a+)+$)a+b", "(a|aa)+\\1$"])
def test_no_pattern_hangs_the_worker(pattern: str, cli: Cli, host: Host) -> None:
    form = {"fields": [{"key": "name", "type": "text", "validation": [{"type": "pattern", "value": pattern}]}]}
    job_id = host.job(b"name\n" + b"a" * 40 + b"!\nb\n", form_id=host.form(form))
    started = monotonic()
    result = cli("run", "--job-id", job_id)
    assert monotonic() - started < 30
    assert result.code == 0, result.err
    assert {error["error_type"] for error in host.errors(job_id)} == {"validation"}
