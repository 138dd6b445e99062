"""Each reason for which a job fails for good: the code on the job, the sentence for the person, and exit code 3."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.support.cli import Cli
from tests.support.host import SIMPLE_FORM, Host

PHOTO_FORM = {"fields": [*SIMPLE_FORM["fields"], {"key": "photo", "type": "file", "label": "Photo", "required": True}]}
TWO_DATES = {"fields": [{"key": "born", "type": "date", "label": "Born"}]}


@dataclass(frozen=True)
class Case:
    reason: str
    sentence: str
    """What the message must say, among other things."""
    prepare: Callable[[Host], UUID]

    def __str__(self) -> str:
        return f"{self.reason}: {self.sentence}"


def _with_options(host: Host, options: dict[str, Any], data: bytes) -> UUID:
    job_id = host.job(data)
    host.query("INSERT INTO import_worker.jobs (job_id, options) VALUES (%s, %s)", job_id, Jsonb(options))
    return job_id


def _with_template(host: Host, mapping: object, data: bytes = b"name,age\nAda,36\n", form: object = None) -> UUID:
    return host.job(data, form_id=host.form(form), template_id=host.template(mapping))


def _stranger(host: Host) -> UUID:
    return host.job(created_by=host.user())


def _suspended(host: Host) -> UUID:
    user = host.user()
    host.member(user, host.organization_id, role="owner", status="suspended")
    return host.job(created_by=user)


def _member_of_child(host: Host) -> UUID:
    """A right to an organisation reaches down to its children, never up."""
    parent = host.organization()
    child = host.organization(parent)
    user = host.user()
    host.member(user, child, role="owner")
    host.delegate(user, parent, expires="-1 second")
    key = host.put(b"name\nAda\n", f"imports/{parent}/file.csv")
    return host.job(None, key=key, created_by=user, organization_id=parent, form_id=host.form(owned=False))


def _form_of_others(host: Host) -> UUID:
    return host.job(form_id=host.form(organization_id=host.organization()))


def _key_of_others(host: Host) -> UUID:
    return host.job(key=f"imports/{host.organization()}/file.csv")


CASES = [
    Case("source_file_missing", "upload it again", lambda host: host.job(None)),
    Case("source_file_hash_mismatch", "SHA-256 differs", lambda host: host.job(sha256="0" * 64)),
    Case("source_file_empty", "The file is empty", lambda host: host.job(b"")),
    Case("source_file_empty", "The file is empty", lambda host: host.job(b"\xef\xbb\xbf\r\n \n")),
    Case("source_file_empty", "a header but no rows", lambda host: host.job(b"name,age\n\n\n")),
    Case("source_outside_organization", "must lie under imports/", _key_of_others),
    Case("source_outside_organization", "must lie under imports/", lambda host: host.job(key="other/file.csv")),
    Case(
        "source_outside_organization",
        "must lie under imports/",
        lambda host: host.job(None, key=f"imports/{host.organization_id}/../../secret.csv"),
    ),
    Case("unsupported_format", "PDF", lambda host: host.job(b"%PDF-1.7\n" + b"x" * 100)),
    Case("unsupported_format", "web page", lambda host: host.job(b"<!DOCTYPE html><html><body>Sign in</body></html>")),
    Case("unsupported_format", "binary", lambda host: host.job(bytes(range(256)) * 20)),
    Case("unreadable_file", "NUL", lambda host: host.job(b"name,age\0\nAda,36\nLin,38\n")),
    Case("header_missing", "no names", lambda host: _with_options(host, {"header_row": 1}, b",,\nAda,36,\n")),
    Case(
        "limit_exceeded",
        "2,000",
        lambda host: host.job(b",".join(b"c%d" % i for i in range(2_001)) + b"\n" + b"1," * 2_000 + b"1\n"),
    ),
    Case("limit_exceeded", "16 MiB", lambda host: host.job(b"name,age\n" + b"x" * (17 << 20) + b",1\n")),
    Case(
        "duplicate_header",
        "appears 2 times",
        lambda host: _with_template(host, {"name": "name"}, b"name,age,name\nAda,36,Bea\n"),
    ),
    Case(
        "mapped_header_missing",
        "'Full name' is not in the file",
        lambda host: _with_template(host, {"Full name": "name", "age": "age"}),
    ),
    Case("mapped_header_missing", "No header", lambda host: host.job(b"foo,bar\n1,2\n")),
    Case("unknown_mapped_field", "not a field", lambda host: _with_template(host, {"name": "name", "age": "years"})),
    Case("required_field_not_mapped", "required", lambda host: _with_template(host, {"age": "age"})),
    Case("required_field_not_mapped", "photo", lambda host: host.job(form_id=host.form(PHOTO_FORM))),
    Case("form_not_found", "does not exist", lambda host: host.job(form=False)),
    Case("form_not_found", "does not belong to this organisation", _form_of_others),
    Case("form_not_published", "it is draft", lambda host: host.job(form_id=host.form(status="draft"))),
    Case("form_not_published", "it is archived", lambda host: host.job(form_id=host.form(status="archived"))),
    Case(
        "form_not_published", "it has no published version", lambda host: host.job(form_id=host.form(published=False))
    ),
    Case("invalid_form_definition", "", lambda host: host.job(form_id=host.form({"fields": "none"}))),
    Case(
        "invalid_form_definition",
        "pattern",
        lambda host: host.job(
            form_id=host.form(
                {"fields": [{"key": "name", "type": "text", "validation": [{"type": "pattern", "value": "("}]}]}
            )
        ),
    ),
    Case(
        "mapping_template_missing",
        "another organisation",
        lambda host: host.job(template_id=host.template({"name": "name"}, organization_id=host.organization())),
    ),
    Case("invalid_mapping", "JSON object", lambda host: _with_template(host, ["name"])),
    Case(
        "invalid_mapping",
        "made for another form",
        lambda host: host.job(template_id=host.template({"name": "name"}, form_id=host.form())),
    ),
    Case(
        "invalid_mapping",
        "date format",
        lambda host: _with_template(
            host, {"born": {"field": "born", "date_formats": ["%Q"]}}, b"born\n2001-01-01\n", TWO_DATES
        ),
    ),
    Case("actor_not_authorized", "may not import", _stranger),
    Case("actor_not_authorized", "may not import", _suspended),
    Case("actor_not_authorized", "may not import", _member_of_child),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_job_that_cannot_succeed_says_why(case: Case, cli: Cli, host: Host) -> None:
    job_id = case.prepare(host)
    result = cli("run", "--job-id", job_id)
    assert result.code == 3, (result.out, result.err)
    job = host.job_row(job_id)
    assert job["status"] == "failed"
    summary: dict[str, Any] = job["error_summary"]
    assert summary["reason"] == case.reason
    assert case.sentence in summary["message"]
    assert summary["message"].rstrip().endswith(".")
    said = " ".join(result.err.split())
    assert said == f"error: {' '.join(summary['message'].split())}"
    assert host.payloads(job_id) == []
    assert host.events(job_id) == ["started", "failed"]
    assert host.value("SELECT count(*) FROM audit_logs WHERE action = 'IMPORT_JOB_FAILED'") == 1

    # No row went in, so a second launch needs no flag, looks again, and says the same.
    again = cli("run", "--job-id", job_id)
    assert again.code == 3
    assert summary["message"] in " ".join(again.err.split())
    assert host.events(job_id) == ["started", "failed", "started", "failed"]


def test_a_source_that_is_replaced_after_the_plan_fails_the_job(cli: Cli, host: Host) -> None:
    data = b"name,age\n" + b"Ada,36\n" * 50
    job_id = host.job(data)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    host.put(data.replace(b"36", b"63"), host.job_row(job_id)["source_file_key"])
    result = cli("run", "--job-id", job_id)
    assert result.code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "source_file_changed"
    assert host.payloads(job_id) == []


def test_rows_that_something_else_removes_fail_the_reconciliation(cli: Cli, host: Host) -> None:
    job_id = host.job(b"name\n" + b"Ada\n" * 20)
    host.query(
        "CREATE FUNCTION lose_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " DELETE FROM form_submissions WHERE id = (SELECT min(id::text)::uuid FROM form_submissions); RETURN"
        " NULL; END $$"
    )
    host.query(
        "CREATE TRIGGER lose_one AFTER UPDATE OF state ON import_worker.chunks FOR EACH STATEMENT"
        " EXECUTE FUNCTION lose_one()"
    )
    result = cli("run", "--job-id", job_id)
    assert result.code == 3
    assert "submissions found: 19 instead of 20" in result.err
    assert host.job_row(job_id)["error_summary"]["reason"] == "reconciliation_failed"


def test_a_database_that_drops_rows_silently_fails_the_job(cli: Cli, host: Host) -> None:
    job_id = host.job(b"name\nAda\nBea\n")
    host.query(
        "CREATE FUNCTION drop_bea() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.payload->>'name' = 'Bea' THEN RETURN NULL; END IF; RETURN NEW; END $$"
    )
    host.query("CREATE TRIGGER drop_bea BEFORE INSERT ON form_submissions FOR EACH ROW EXECUTE FUNCTION drop_bea()")
    result = cli("run", "--job-id", job_id)
    assert result.code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "target_rejected"
    assert host.payloads(job_id) == []
