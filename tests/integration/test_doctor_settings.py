"""`doctor` about settings, the embedded default and folders; and what it prints."""

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli, Result

SECRETS = {"BetterAuthSecret": "auth-s3cret", "AWS_SECRET_ACCESS_KEY": "aws-s3cret", "AWS_SESSION_TOKEN": "tok-s3cret"}


def named(result: Result) -> dict[str, str]:
    return {
        check["name"]: f"{check['found']} | {check['cure']}"
        for check in result.json["checks"]
        if check["state"] == "failed"
    }


def test_on_a_laptop_everything_is_embedded(tmp_path: Path) -> None:
    result = Cli({"SIN_IMPORT_HOME": str(tmp_path / "home")})("doctor", "--json")
    assert result.code == 0, result.out
    assert result.err == ""
    found = {check["name"]: check for check in result.json["checks"]}
    assert str(tmp_path / "home" / "postgres") in found["settings: DatabaseUrl"]["found"]
    assert str(tmp_path / "home" / "artifacts") in found["settings: SIN_ARTIFACTS_BUCKET"]["found"]
    assert found["database: connection"]["state"] == "ok"
    assert found["bucket: read"]["state"] == "ok"
    assert "aws: credentials" not in found
    assert "not set, so" in found["settings: SIN_IMPORT_STATUS_QUEUE_URL"]["found"]
    assert not (tmp_path / "home" / "artifacts" / "imports" / ".doctor" / "probe").exists()


def test_a_home_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    result = Cli({"SIN_IMPORT_HOME": str(tmp_path / "home")})("doctor", "--json")
    assert result.code == 2
    assert {"settings: DatabaseUrl", "bucket: there"} <= set(named(result))
    assert "SIN_IMPORT_HOME" in named(result)["settings: DatabaseUrl"]
    assert "Traceback" not in result.err


def test_what_production_needs(cli: Cli, database_url: str) -> None:
    bare = Cli({"NODE_ENV": "production", "SIN_IMPORT_HOME": cli.environment["SIN_IMPORT_HOME"]})
    result = bare("doctor", "--json")
    assert result.code == 2
    assert list(named(result)) == ["settings: DatabaseUrl", "settings: SIN_ARTIFACTS_BUCKET"]
    assert not Path(cli.environment["SIN_IMPORT_HOME"]).exists()
    result = cli("doctor", "--json", NODE_ENV="production")
    assert result.code == 0, result.out
    (warning,) = [check for check in result.json["checks"] if check["state"] == "warning"]
    assert warning["name"] == "settings: SST_STAGE"


def test_each_wrong_setting_is_named_and_hides_nothing(cli: Cli) -> None:
    result = cli(
        "doctor", "--json", SIN_IMPORT_CONNECTIONS="many", SIN_IMPORT_CHUNK_BYTES="12", SIN_IMPORT_MAX_TASKS="0"
    )
    assert result.code == 2
    assert list(named(result)) == [
        "settings: SIN_IMPORT_MAX_TASKS",
        "settings: SIN_IMPORT_CONNECTIONS",
        "settings: SIN_IMPORT_CHUNK_BYTES",
    ]
    assert any(check["name"] == "database: connection" and check["state"] == "ok" for check in result.json["checks"])
    assert cli("doctor").code == 0


@pytest.mark.parametrize("bucket", ["ftp://somewhere", "s3://"])
def test_a_bucket_that_is_none(cli: Cli, bucket: str) -> None:
    found = named(cli("doctor", "--json", SIN_ARTIFACTS_BUCKET=bucket))
    assert list(found) == ["bucket: there"] if bucket == "ftp://somewhere" else "bucket: there" in found
    assert "s3://bucket/prefix" in found["bucket: there"]


def test_a_folder_that_is_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    found = named(cli("doctor", "--json", SIN_ARTIFACTS_BUCKET=(tmp_path / "taken").as_uri()))
    assert str(tmp_path / "taken") in found["bucket: there"]
    (tmp_path / "taken").unlink()
    assert cli("doctor", SIN_ARTIFACTS_BUCKET=(tmp_path / "taken").as_uri()).code == 0


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_no_secret_is_shown(cli: Cli, options: list[str]) -> None:
    for url in ("postgresql://me:db-s3cret@127.0.0.1:1/x", "postgresql://me:db-s3cret@x@127.0.0.1/x", "db-s3cret"):
        result = cli("--debug", "doctor", *options, DatabaseUrl=url, **SECRETS)
        assert result.code == 2
        assert "s3cret" not in result.out + result.err


def test_the_table_can_be_read_and_its_statements_copied(cli: Cli, host: object) -> None:
    result = cli("doctor", DatabaseUrl="postgresql://nobody@127.0.0.1:1/x")
    assert result.code == 2
    lines = result.out.splitlines()
    assert lines[0].split() == ["state", "check", "found"]
    assert "To be mended" in lines
    assert lines[-1] == "1 thing needs to be mended"
    assert "skipped" in result.out
    green = cli("doctor")
    assert green.code == 0
    assert green.out.splitlines()[-1] == "everything that is needed works"
    document = json.loads(cli("doctor", "--json").out)
    assert document["ok"] is True
    assert set(document["checks"][0]) == {"name", "state", "found", "cure"}
