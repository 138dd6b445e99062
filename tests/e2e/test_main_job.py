"""The main job through the command line: a file in the object store becomes submissions and reports."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID

from import_worker.local.sample import FORM, registry
from tests.support.cli import Cli
from tests.support.host import Host


def test_good_rows_are_in_and_bad_rows_are_reported(cli: Cli, host: Host) -> None:
    job_id = host.job(b"Name,Age,E-mail\nAda,36,ada@example.org\n,12,x\nGrace,old,\n")
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    job = host.job_row(job_id)
    assert job["status"] == "completed"
    assert host.payloads(job_id) == [{"name": "Ada", "age": 36, "email": "ada@example.org"}]
    assert job["error_summary"] == {
        "errorCount": 3,
        "failedRows": 2,
        "byType": {"required": 1, "invalid_email": 1, "invalid_number": 1},
        "byField": {"name": 1, "email": 1, "age": 1},
    }
    assert job["source_row_count"] == job["progress_checkpoint"] == 3
    assert (
        job["stats"] | {"rows_total": 3, "rows_processed": 3, "rows_succeeded": 1, "rows_failed": 2, "error_count": 3}
        == job["stats"]
    )
    assert host.events(job_id) == ["started", "planned", "completed"]


def test_a_submission_has_every_column_the_host_expects(cli: Cli, host: Host) -> None:
    form_id = host.form()
    job_id = host.job(form_id=form_id)
    assert cli("run", "--job-id", job_id).code == 0
    (row,) = host.query("SELECT * FROM form_submissions")
    (version,) = host.query("SELECT * FROM form_submission_versions")
    expected = {
        "form_id": form_id,
        "form_version_id": host.value("SELECT id FROM form_versions WHERE form_id = %s", form_id),
        "organization_id": host.organization_id,
        "import_job_id": job_id,
        "submitter_id": host.user_id,
        "status": "submitted",
        "payload": {"name": "Ada", "age": 36},
        "completeness_score": 100,
        "missing_fields": [],
        "validation_errors": [],
        "reviewed_by": None,
    }
    assert {name: row[name] for name in expected} == expected
    assert row["submitted_at"] == row["created_at"] == row["updated_at"]
    assert (
        version
        | {
            "submission_id": row["id"],
            "version_number": 1,
            "payload_snapshot": row["payload"],
            "changed_by": host.user_id,
            "change_reason": "batch_import",
        }
        == version
    )


def test_reports_hold_every_error_and_every_rejected_row(cli: Cli, host: Host) -> None:
    rows = b"".join(b"name %d,%s,\n" % (i, b"x" if i % 3 == 0 else b"1") for i in range(1, 4501))
    job_id = host.job(b"name,age,email\n" + rows)
    assert cli("run", "--job-id", job_id).code == 0
    job = host.job_row(job_id)
    assert job["error_report_key"] == f"imports/{job_id}/errors.csv"
    errors = _read(host, job["error_report_key"])
    assert errors[0] == ["rowNumber", "fieldKey", "errorType", "errorMessage", "rawValue", "column", "line"]
    assert [int(row[0]) for row in errors[1:]] == list(range(3, 4501, 3))
    assert errors[1] == ["3", "age", "invalid_number", "Not a number", "x", "age", "4"]
    rejected = _read(host, f"imports/{job_id}/rejected.csv")
    assert rejected[0] == ["name", "age", "email", "_row", "_errors"]
    assert len(rejected) == 1501
    assert rejected[1] == ["name 3", "x", "", "3", "age: Not a number"]
    assert host.value("SELECT count(*) FROM import_job_errors WHERE job_id = %s", job_id) == 1000
    first = host.query("SELECT * FROM import_job_errors WHERE job_id = %s ORDER BY row_number LIMIT 1", job_id)[0]
    assert (first["row_number"], first["field_key"], first["error_type"], first["raw_value"]) == (
        3,
        "age",
        "invalid_number",
        "x",
    )


def test_rejected_rows_mended_and_submitted_again_are_imported(cli: Cli, host: Host, tmp_path: Path) -> None:
    form = _form_file(tmp_path)
    file = tmp_path / "members.csv"
    file.write_bytes(b"".join(registry(2_000, bad_share=0.1)))
    first = cli("submit", file, "--form", form, "--run", "--json")
    assert first.code == 0, first.err
    job_id = UUID(first.json["jobId"])
    failed = first.json["stats"]["rows_failed"]
    assert failed > 100
    good = {
        "Birth date": "1990-03-04",
        "Level": "Beginner",
        "Last name": "Mended",
        "Fee paid": "10",
        "Consent": "yes",
        "Phone": "+1 604 2345678",
        "E-mail": "mended@example.org",
        "Member number": "M-0000001",
    }
    records = list(csv.DictReader(io.StringIO(host.read(f"imports/{job_id}/rejected.csv"), newline="")))
    assert len(records) == failed
    again = tmp_path / "mended.csv"
    with again.open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, fieldnames=records[0].keys())
        writer.writeheader()
        writer.writerows(record | good for record in records)
    second = cli("submit", again, "--form", form, "--run", "--json")
    assert second.code == 0, second.err
    assert second.json["stats"]["rows_succeeded"] == failed
    assert second.json["stats"]["rows_failed"] == 0
    assert host.value("SELECT count(*) FROM form_submissions") == 2_000


def test_running_a_completed_job_again_changes_nothing(cli: Cli, host: Host) -> None:
    job_id = host.job()
    assert cli("run", "--job-id", job_id).code == 0
    before = (host.job_row(job_id), host.payloads(job_id), host.events(job_id))
    result = cli("run", "--job-id", job_id)
    assert result.code == 0
    assert "completed already" in result.out
    assert (host.job_row(job_id), host.payloads(job_id), host.events(job_id)) == before


def test_a_dry_run_checks_everything_and_inserts_nothing(cli: Cli, host: Host) -> None:
    job_id = host.job(b"name,age\nAda,36\n,1\n")
    result = cli("run", "--job-id", job_id, "--dry-run", "--json")
    assert result.code == 0, result.err
    assert result.json["status"] == "validated"
    assert result.json["stats"]["rows_succeeded"] == result.json["stats"]["rows_failed"] == 1
    assert host.payloads(job_id) == []
    assert [error["row_number"] for error in host.errors(job_id)] == [2]
    assert host.job_row(job_id)["error_report_key"] == f"imports/{job_id}/errors.csv"
    assert host.events(job_id) == ["started", "planned", "validated"]

    assert cli("run", "--job-id", job_id).code == 0
    assert host.job_row(job_id)["status"] == "completed"
    assert host.payloads(job_id) == [{"name": "Ada", "age": 36}]
    assert [error["row_number"] for error in host.errors(job_id)] == [2]
    assert host.events(job_id) == ["started", "planned", "validated", "started", "planned", "completed"]


def _form_file(folder: Path) -> Path:
    path = folder / "form.json"
    path.write_text(json.dumps(FORM), encoding="utf-8")
    return path


def _read(host: Host, key: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(host.read(key), newline="")))
