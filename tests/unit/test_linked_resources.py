"""Settings that arrive as SST's linked resources, and places where nothing is embedded."""

import json

import pytest

from import_worker.errors import UsageError
from import_worker.settings import Settings

DATABASE = {"host": "db.example.org", "port": 6432, "username": "a b", "password": "p@ss/w:rd", "database": "solstice"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DatabaseUrl", "DATABASE_URL", "SIN_ARTIFACTS_BUCKET", "NODE_ENV", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_a_linked_database_is_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SST_RESOURCE_Database", json.dumps(DATABASE | {"type": "sst.aws.Postgres"}))
    wanted = "postgresql://a%20b:p%40ss%2Fw%3Ard@db.example.org:6432/solstice"
    assert Settings.load().require_database_url() == wanted


def test_a_url_that_is_given_wins_over_a_linked_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SST_RESOURCE_Database", json.dumps(DATABASE))
    monkeypatch.setenv("DATABASE_URL", "postgresql://other/db")
    assert Settings.load().require_database_url() == "postgresql://other/db"


@pytest.mark.parametrize(("value", "says"), [("{", "not JSON"), ('{"host": "x"}', "SST_RESOURCE_Database.")])
def test_a_linked_database_that_is_none(value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SST_RESOURCE_Database", value)
    with pytest.raises(UsageError, match=says):
        Settings.load()
    _, wrong = Settings.load_valid()
    assert wrong


def test_a_linked_bucket_and_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SST_RESOURCE_SinArtifacts", '{"name": "artifacts-of-the-stage"}')
    monkeypatch.setenv("SST_RESOURCE_BetterAuthSecret", '{"value": "hush"}')
    settings = Settings.load()
    assert settings.artifacts_url() == "s3://artifacts-of-the-stage"
    assert settings.auth_secret is not None
    assert settings.auth_secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("ECS_CONTAINER_METADATA_URI_V4", "container of ECS"),
        ("ECS_CONTAINER_METADATA_URI", "container of ECS"),
        ("KUBERNETES_SERVICE_HOST", "container of Kubernetes"),
    ],
)
@pytest.mark.parametrize("node_env", ["", "development", "staging"])
def test_nothing_is_embedded_in_a_container(
    name: str, where: str, node_env: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_ENV", node_env)
    monkeypatch.setenv(name, "http://169.254.170.2/v4/x")
    with pytest.raises(UsageError, match=where):
        Settings.load().require_database_url()
    with pytest.raises(UsageError, match=where):
        Settings.load().artifacts_url()
