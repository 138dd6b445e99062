"""File fields through the command line: each error, what is stored, and the rows of submission_files."""

import json
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import boto3
import pytest

from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli
from tests.support.files import FILE_FORM, MAPPING, describe, file_rows, store_file, table
from tests.support.host import Host

SIGNATURE = "X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027"


def submit(host: Host, form_id: UUID, data: bytes) -> UUID:
    return host.job(data, form_id=form_id, template_id=host.template(MAPPING, form_id))


def test_files_are_stored_with_their_rows(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    report, photo = store_file(host, form_id, "a.pdf"), store_file(host, form_id, 'b/é "b".png')
    rows = [
        ["Ada", describe(report, checksum="abc"), describe(photo, mimeType="image/png", sizeBytes=5)],
        ["Bea", "", describe(report)],
        ["Cid", "", " "],
    ]
    job_id = submit(host, form_id, table(rows))
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    common = {"mime_type": "application/pdf", "size_bytes": 4, "uploaded_by": host.user_id}
    png = {"mime_type": "image/png", "size_bytes": 5}
    assert file_rows(host, job_id) == [
        {"name": "Ada", "field_key": "photo", "file_name": 'é "b".png', "checksum": "", "storage_key": photo}
        | common
        | png,
        {"name": "Ada", "field_key": "report", "file_name": "a.pdf", "checksum": "abc", "storage_key": report} | common,
        {"name": "Bea", "field_key": "photo", "file_name": "a.pdf", "checksum": "", "storage_key": report} | common,
    ]
    stored = {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeBytes": 4, "storageKey": report}
    assert host.payloads(job_id) == [
        {
            "name": "Ada",
            "report": stored | {"checksum": "abc"},
            "photo": {"fileName": 'é "b".png', "mimeType": "image/png", "sizeBytes": 5, "storageKey": photo},
        },
        {"name": "Bea", "photo": stored},
        {"name": "Cid"},
    ]
    assert host.value("SELECT sum(file_count) FROM import_worker.chunks WHERE job_id = %s", job_id) == 3
    times = host.query(
        "SELECT DISTINCT f.created_at = s.created_at AS same FROM submission_files f, form_submissions s"
    )
    assert times == [{"same": True}]


def test_each_error_is_told_and_its_row_leaves_no_file(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    cells = {
        "invalid_file_payload": "a.pdf",
        "multi_file_not_supported": f"[{describe(key)}]",
        "missing_file_reference": describe(None, fileName="a.pdf"),
        "invalid_file_reference": describe(None, fileName="a.pdf", url=f"https://example.org/{key}?{SIGNATURE}"),
        "validation type": describe(key, mimeType="application/zip"),
        "validation size": describe(key, sizeBytes=10_485_761),
        "validation whole": describe(key, sizeBytes=1.5),
        "validation key": describe(key.upper()),
        "validation absent": describe(f"{key}.old"),
    }
    good = describe(key)
    rows = [[what, cell, good] for what, cell in cells.items()] + [["fine", good, good]]
    job_id = submit(host, form_id, table(rows))
    result = cli("run", "--job-id", job_id, NODE_ENV="production")
    assert result.code == 0, result.err
    assert result.err.count("files listed") == 1
    told = cli("errors", job_id, "--json").json["errors"]
    assert [(error["rowNumber"], error["fieldKey"], error["errorType"]) for error in told] == [
        (row, "report", what.split()[0]) for row, what in enumerate(cells, start=1)
    ]
    assert [row["name"] for row in file_rows(host, job_id)] == ["fine", "fine"]
    assert host.value("SELECT count(*) FROM submission_files") == 2
    report = host.read(f"imports/{job_id}/errors.csv")
    assert "There is no such file" in report
    for text in (report, json.dumps(told), json.dumps(host.query("SELECT raw_value FROM import_job_errors"))):
        assert "fe5f80f77d5fa3beca038a248ff027" not in text
    assert "fe5f80f77d5fa3beca038a248ff027" not in result.err + result.out


def test_a_record_that_is_malformed_shows_no_signature_either(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    url = f"https://example.org/x?{SIGNATURE}"
    job_id = submit(host, form_id, table([["Ada", "", ""], ["Bea", f'{{"url": "{url}"}}', "", "one too many"]]))
    assert cli("run", "--job-id", job_id).code == 0
    (error,) = host.errors(job_id)
    assert error["error_type"] == "malformed_row"
    assert "example.org/x?…" in error["raw_value"]
    assert SIGNATURE not in error["raw_value"]


def test_a_dry_run_checks_files_and_writes_none_and_a_real_run_follows(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    job_id = submit(host, form_id, table([["Ada", describe(key), ""], ["Bea", describe(f"{key}x"), ""]]))
    assert cli("run", "--job-id", job_id, "--dry-run").code == 0
    assert host.job_row(job_id)["status"] == "validated"
    assert [error["row_number"] for error in host.errors(job_id)] == [2]
    assert host.value("SELECT count(*) FROM submission_files") == 0
    assert cli("run", "--job-id", job_id).code == 0
    assert [row["name"] for row in file_rows(host, job_id)] == ["Ada"]


def test_a_required_file_that_nothing_is_mapped_to_stops_the_job_before_a_row_is_read(cli: Cli, host: Host) -> None:
    fields = [*FILE_FORM["fields"][:2], {"key": "photo", "type": "file", "label": "Photo", "required": True}]
    form_id = host.form({"fields": fields})
    template = host.template({"name": "name"}, form_id)
    job_id = host.job(b"name,x\nAda,1\nBo,2\n", form_id=form_id, template_id=template)
    assert cli("run", "--job-id", job_id).code == 3
    assert host.job_row(job_id)["error_summary"]["reason"] == "required_field_not_mapped"
    assert host.value("SELECT count(*) FROM import_worker.chunks") == 0


def test_nothing_is_listed_where_no_cell_names_a_file(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    job_id = submit(host, form_id, table([["Ada", "", ""], ["Bea", " ", "not a file"]]))
    result = cli("run", "--job-id", job_id, NODE_ENV="production")
    assert result.code == 0, result.err
    assert "planned" in result.err
    assert "files listed" not in result.err


def test_rows_that_the_database_refuses_leave_no_file(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    bad = {3, 7, 200}
    names = ", ".join(f"'{row}'" for row in bad)
    host.query(f"ALTER TABLE form_submissions ADD CONSTRAINT not_those CHECK (payload->>'name' NOT IN ({names}))")
    host.query("ALTER TABLE submission_files ADD CONSTRAINT not_large CHECK (size_bytes < 100)")
    rows = [[str(row), describe(key, sizeBytes=100 if row == 50 else 4), describe(key)] for row in range(1, 301)]
    job_id = submit(host, form_id, table(rows))
    result = cli("run", "--job-id", job_id)
    assert result.code == 0, result.err
    assert [error["row_number"] for error in host.errors(job_id)] == [3, 7, 50, 200]
    assert {error["error_type"] for error in host.errors(job_id)} == {"constraint"}
    kept = [str(row) for row in range(1, 301) if row not in bad | {50}]
    assert [payload["name"] for payload in host.payloads(job_id)] == kept
    assert [row["name"] for row in file_rows(host, job_id)] == [name for name in kept for _ in range(2)]
    assert host.value("SELECT count(*) FROM submission_files") == 2 * len(kept)


def test_a_trigger_that_drops_files_is_noticed(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    host.query("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    host.query("CREATE TRIGGER nothing BEFORE INSERT ON submission_files FOR EACH ROW EXECUTE FUNCTION nothing()")
    job_id = submit(host, form_id, table([["Ada", describe(key), ""]]))
    assert cli("run", "--job-id", job_id).code == 3
    summary = host.job_row(job_id)["error_summary"]
    assert summary["reason"] == "target_rejected"
    assert "submission_files" in summary["message"]
    assert host.payloads(job_id) == []


def test_files_that_somebody_takes_out_do_not_reconcile(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    job_id = submit(host, form_id, table([["Ada", describe(key), ""], ["Bea", describe(key), ""]]))
    host.query(
        "CREATE FUNCTION take_out() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN DELETE FROM submission_files WHERE file_name = 'a.pdf'; RETURN NULL; END $$"
    )
    host.query("CREATE TRIGGER take_out AFTER UPDATE ON import_worker.chunks EXECUTE FUNCTION take_out()")
    assert cli("run", "--job-id", job_id).code == 3
    summary = host.job_row(job_id)["error_summary"]
    assert summary["reason"] == "reconciliation_failed"
    assert "files found: 0 instead of 2" in summary["message"]


def test_rolled_back_files_are_gone(cli: Cli, host: Host) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    job_id = submit(host, form_id, table([["Ada", describe(key), describe(key)]]))
    assert cli("run", "--job-id", job_id).code == 0
    assert host.value("SELECT count(*) FROM submission_files") == 2
    result = cli("rollback", job_id)
    assert result.code == 0, result.err
    assert host.value("SELECT count(*) FROM submission_files") == 0


@pytest.mark.parametrize(("once", "change"), [(True, None), (False, "trigger")])
def test_keys_are_checked_once_a_chunk_only_where_nobody_can_tell(
    once: bool, change: str | None, cli: Cli, host: Host
) -> None:
    if change:
        host.query("CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
        host.query("CREATE TRIGGER look AFTER INSERT ON submission_files FOR EACH ROW EXECUTE FUNCTION look()")
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    job_id = submit(host, form_id, table([["Ada", describe(key), ""]]))
    result = cli("run", "--job-id", job_id, NODE_ENV="production")
    assert result.code == 0, result.err
    lines = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    (told,) = [line for line in lines if line["event"] == "foreign keys are checked"]
    assert told["once_a_chunk"] is once
    assert told["why_not"] == (None if once else "the trigger look on submission_files")
    # A job without file fields is not slowed down by what stands on that table.
    result = cli("run", "--job-id", host.job(), NODE_ENV="production")
    assert '"once_a_chunk": true' in result.err or '"once_a_chunk":true' in result.err


@pytest.fixture
def s3() -> Iterator[dict[str, str]]:
    with aws() as environment:
        make_bucket("artifacts")
        yield environment


@pytest.mark.parametrize("prefix", ["", "/solstice/prod"])
def test_in_a_bucket_by_key_and_by_signed_url(prefix: str, cli: Cli, host: Host, s3: dict[str, str]) -> None:
    bucket = f"s3://artifacts{prefix}"
    client = boto3.client("s3")
    with closing(Host(host.database_url, ObjectStore.open(bucket))) as in_bucket:
        form_id = in_bucket.form(FILE_FORM)
        key = store_file(in_bucket, form_id, "é a.pdf")
        # Keys that S3 allows and that no path has: they are nobody's file, and disturb nobody.
        for odd in ("", "/x.pdf", "../x.pdf"):
            client.put_object(Bucket="artifacts", Key=f"{prefix}/forms/{form_id}/{odd}".lstrip("/"), Body=b"x")
        whole = f"{prefix}/{key}".lstrip("/")
        url = client.generate_presigned_url("get_object", Params={"Bucket": "artifacts", "Key": whole})
        assert "ignature=" in url
        other = client.generate_presigned_url("get_object", Params={"Bucket": "others", "Key": whole})
        rows = [
            ["key", describe(key), ""],
            ["url", describe(None, fileName="é a.pdf", signedUrl=url), ""],
            ["other bucket", describe(None, fileName="x", url=other), ""],
            ["two slashes", describe(f"forms/{form_id}//x.pdf"), ""],
        ]
        job_id = submit(in_bucket, form_id, table(rows))
        result = cli("run", "--job-id", job_id, SIN_ARTIFACTS_BUCKET=bucket, **s3)
        assert result.code == 0, result.err
        assert [(row["name"], row["storage_key"]) for row in file_rows(host, job_id)] == [("key", key), ("url", key)]
        assert [error["error_type"] for error in host.errors(job_id)] == ["invalid_file_reference", "validation"]
        assert "ignature=" not in json.dumps([host.errors(job_id), host.payloads(job_id)])


def test_in_a_folder_by_its_url(cli: Cli, host: Host, artifacts: str) -> None:
    form_id = host.form(FILE_FORM)
    key = store_file(host, form_id, "a.pdf")
    cells = [describe(None, fileName="a.pdf", url=url) for url in (f"{artifacts}/{key}", f"file:///etc/{key}")]
    job_id = submit(host, form_id, table([["here", cells[0], ""], ["there", cells[1], ""]]))
    assert cli("run", "--job-id", job_id).code == 0
    assert [row["storage_key"] for row in file_rows(host, job_id)] == [key]
    assert [error["error_type"] for error in host.errors(job_id)] == ["invalid_file_reference"]
