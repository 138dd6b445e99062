"""The same job against S3 over HTTP: the same code, a bucket instead of a folder."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest

from import_worker.local.sample import FORM, registry
from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli
from tests.support.end_state import end_state
from tests.support.host import Host
from tests.support.postgres import Server

FILE = b"".join(registry(3_000, bad_share=0.1))


@pytest.fixture
def s3() -> Iterator[dict[str, str]]:
    with aws() as environment:
        make_bucket("artifacts")
        yield environment


def _end(cli: Cli, host: Host, environment: dict[str, str]) -> dict[str, Any]:
    job_id = host.job(FILE, form_id=host.form(FORM))
    result = cli("run", "--job-id", job_id, **environment)
    assert result.code == 0, result.err
    return end_state(host, job_id)


@pytest.mark.parametrize("url", ["s3://artifacts", "s3://artifacts/solstice/prod", "artifacts"])
def test_a_bucket_gives_what_a_folder_gives(
    url: str, cli: Cli, host: Host, s3: dict[str, str], postgres: Server, artifacts: str
) -> None:
    with postgres.fresh_database() as other, closing(Host(other, ObjectStore.open(artifacts))) as in_folder:
        expected = _end(cli, in_folder, {"DatabaseUrl": other})
    bucket_url = url if "://" in url else f"s3://{url}"
    with closing(Host(host.database_url, ObjectStore.open(bucket_url))) as in_bucket:
        assert _end(cli, in_bucket, s3 | {"SIN_ARTIFACTS_BUCKET": url}) == expected
    keys = [entry["Key"] for entry in boto3.client("s3").list_objects_v2(Bucket="artifacts")["Contents"]]
    assert sum(key.endswith("/errors.csv") for key in keys) == 1
    prefix = bucket_url.removeprefix("s3://artifacts").strip("/")
    assert all(key.startswith(f"{prefix}/imports/" if prefix else "imports/") for key in keys)


def test_a_missing_bucket_is_named(cli: Cli, host: Host, s3: dict[str, str]) -> None:
    result = cli("run", "--job-id", host.job(), SIN_ARTIFACTS_BUCKET="s3://nowhere", **s3)
    assert result.code == 2
    assert "s3://nowhere" in result.err
    assert "Traceback" not in result.err


def test_an_object_replaced_after_the_plan_is_noticed(cli: Cli, host: Host, s3: dict[str, str]) -> None:
    environment = s3 | {"SIN_ARTIFACTS_BUCKET": "artifacts"}
    with closing(Host(host.database_url, ObjectStore.open("s3://artifacts"))) as in_bucket:
        job_id = in_bucket.job(b"name\nAda\n")
        assert cli("run", "--job-id", job_id, "--dry-run", **environment).code == 0
        in_bucket.put(b"name\nBea\n", in_bucket.job_row(job_id)["source_file_key"])
        assert cli("run", "--job-id", job_id, **environment).code == 3
        assert in_bucket.job_row(job_id)["error_summary"]["reason"] == "source_file_changed"


def test_no_server_at_all_is_worth_another_try(cli: Cli, host: Host) -> None:
    nobody = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_REGION": "ca-central-1",
        "SIN_ARTIFACTS_BUCKET": "artifacts",
    }
    result = cli("run", "--job-id", host.job(), **nobody)
    assert result.code == 1, result.err
    assert "did not answer" in result.err
    assert "very-secret" not in result.err
