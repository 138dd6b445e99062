"""A plan pins what it was made of; while no row is in, what the host changes afterwards makes a new one."""

import hashlib
from uuid import UUID

from tests.support.cli import Cli
from tests.support.host import SIMPLE_FORM, Host

FIRST = b"name,age\nAda,36\nBea,x\n"
SECOND = b"name,age\nCai,1\nDov,2\nEsi,3\n"


def _set_source(host: Host, job_id: UUID, data: bytes) -> None:
    host.query(
        "UPDATE import_jobs SET source_file_key = %s, source_file_hash = %s WHERE id = %s",
        host.put(data),
        hashlib.sha256(data).hexdigest(),
        job_id,
    )


def _names(host: Host, job_id: UUID) -> list[str]:
    return [payload["name"] for payload in host.payloads(job_id)]


def test_a_new_file_after_a_dry_run_is_the_one_that_is_imported(cli: Cli, host: Host) -> None:
    job_id = host.job(FIRST)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    assert len(host.errors(job_id)) == 1
    _set_source(host, job_id, SECOND)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert _names(host, job_id) == ["Cai", "Dov", "Esi"]
    job = host.job_row(job_id)
    assert (job["source_row_count"], job["stats"]["rows_total"], job["stats"]["rows_failed"]) == (3, 3, 0)
    assert host.errors(job_id) == []


def test_a_dry_run_again_looks_at_the_new_file(cli: Cli, host: Host) -> None:
    job_id = host.job(FIRST)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    assert "validated already" in cli("run", "--job-id", job_id, "--dry-run").out
    _set_source(host, job_id, SECOND)
    assert "3 of 3 rows checked" in cli("run", "--job-id", job_id, "--dry-run").out
    assert host.job_row(job_id)["status"] == "validated"
    assert host.payloads(job_id) == []


def test_the_host_may_set_the_job_back_to_pending_with_a_new_file(cli: Cli, host: Host) -> None:
    job_id = host.job(FIRST)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    _set_source(host, job_id, SECOND)
    host.query("UPDATE import_jobs SET status = 'pending', stats = '{}', error_summary = '{}' WHERE id = %s", job_id)
    assert cli("run", "--job-id", job_id).code == 0
    assert _names(host, job_id) == ["Cai", "Dov", "Esi"]


def test_a_form_published_anew_after_a_dry_run_is_the_one_that_counts(cli: Cli, host: Host) -> None:
    form_id = host.form()
    job_id = host.job(b"name,age\nAda,36\n", form_id=form_id)
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    host.publish(form_id, {"fields": [*SIMPLE_FORM["fields"][:1], {"key": "age", "type": "text"}]})
    assert cli("run", "--job-id", job_id).code == 0
    assert host.payloads(job_id) == [{"name": "Ada", "age": "36"}]


def test_fix_the_template_and_run_again(cli: Cli, host: Host) -> None:
    """The host's screen has one button for the first run and for the next."""
    form_id = host.form()
    template_id = host.template({"Years": "age"}, form_id=form_id)
    job_id = host.job(b"name,age\nAda,36\n", form_id=form_id, template_id=template_id)
    assert cli("run", "--job-id", job_id).code == 3
    host.query('UPDATE import_mapping_templates SET mappings = \'{"name": "name"}\' WHERE id = %s', template_id)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert host.payloads(job_id) == [{"name": "Ada"}]


def test_a_mapping_fixed_after_every_row_was_rejected(cli: Cli, host: Host) -> None:
    """There is a plan, and chunks were done, but no row is in."""
    form_id = host.form()
    template_id = host.template({"name": "name", "age": "email"}, form_id=form_id)
    job_id = host.job(b"name,age\nAda,36\nBea,37\n", form_id=form_id, template_id=template_id)
    host.query("INSERT INTO import_worker.jobs (job_id, options) VALUES (%s, '{\"max_rejected_rows\": 1}')", job_id)
    assert cli("run", "--job-id", job_id).code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "too_many_rejected_rows"
    mended = '{"name": "name", "age": "age"}'
    host.query("UPDATE import_mapping_templates SET mappings = %s WHERE id = %s", mended, template_id)
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert [payload["age"] for payload in host.payloads(job_id)] == [36, 37]
    assert host.job_row(job_id)["stats"]["rows_failed"] == 0


def test_once_rows_are_in_a_new_file_fails_the_job(cli: Cli, host: Host) -> None:
    job_id = _with_rows_in(cli, host)
    before = len(host.payloads(job_id))
    assert before > 0
    _set_source(host, job_id, SECOND)
    result = cli("retry", job_id)
    assert result.code == 3
    assert "another source file" in result.err
    assert host.job_row(job_id)["error_summary"]["reason"] == "source_file_changed"
    assert len(host.payloads(job_id)) == before


def test_once_rows_are_in_a_new_form_changes_nothing(cli: Cli, host: Host) -> None:
    """And the changed form makes a launch of the failed job a retry."""
    job_id = _with_rows_in(cli, host)
    assert cli("run", "--job-id", job_id).code == 3, "nothing was changed"
    host.publish(host.job_row(job_id)["target_form_id"], {"fields": [{"key": "other", "type": "text"}]})
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert {tuple(payload) for payload in host.payloads(job_id)} == {("age", "name")}


def _with_rows_in(cli: Cli, host: Host) -> UUID:
    """A job that has failed with some of its rows in."""
    job_id = host.job(b"name,age\n" + b"".join(b"A person with number %d,%d\n" % (n, n) for n in range(9_000)))
    host.query("CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    host.query(
        "CREATE TRIGGER t BEFORE INSERT ON form_submissions FOR EACH ROW WHEN ((NEW.payload->>'age')::int > 8000)"
        " EXECUTE FUNCTION drop_row()"
    )
    assert cli("run", "--job-id", job_id, SIN_IMPORT_CONNECTIONS="1").code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "target_rejected"
    host.query("DROP FUNCTION drop_row CASCADE")
    return job_id


def test_a_template_of_nobody_is_everybodys(cli: Cli, host: Host) -> None:
    template_id = host.template({"Who": "name"}, owned=False)
    job_id = host.job(b"Who\nAda\n", template_id=template_id)
    assert cli("run", "--job-id", job_id).code == 0
    assert host.payloads(job_id) == [{"name": "Ada"}]
