"""Settings from the environment. They are read once, at the edge; inner layers get plain values.

This is plain pydantic: pydantic-settings would read the same, and takes as long to load as all of `--help` may take.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import platformdirs
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from import_worker.errors import UsageError

MIN_CHUNK_BYTES = 64 * 1024
MAX_CHUNK_BYTES = 256 * 1024 * 1024


def _split(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _strip(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _parse(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None


Listed = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""Values separated by commas."""


class LinkedDatabase(BaseModel):
    """``SST_RESOURCE_Database``: a database as SST links it."""

    host: str
    port: int = 5432
    username: str
    password: SecretStr
    database: str

    @property
    def url(self) -> SecretStr:
        user, password = (quote(text, safe="") for text in (self.username, self.password.get_secret_value()))
        host = f"[{self.host}]" if ":" in self.host else self.host
        return SecretStr(f"postgresql://{user}:{password}@{host}:{self.port}/{quote(self.database, safe='')}")


class LinkedBucket(BaseModel):
    """``SST_RESOURCE_SinArtifacts``."""

    name: str


class LinkedSecret(BaseModel):
    """``SST_RESOURCE_BetterAuthSecret``."""

    value: SecretStr


def _default_home() -> Path:
    """The platform's user data folder. A container's user, who needs no folder, may have neither a passwd entry nor
    HOME."""
    try:
        return platformdirs.user_data_path("solstice-import-worker", appauthor=False)
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "solstice-import-worker"


class Settings(BaseModel):
    """The environment variables of contract section 3, checked."""

    model_config = ConfigDict(frozen=True)

    named_database_url: Annotated[SecretStr | None, BeforeValidator(_strip)] = Field(
        default=None, validation_alias=AliasChoices("DatabaseUrl", "DATABASE_URL")
    )
    linked_database: Annotated[LinkedDatabase | None, BeforeValidator(_parse)] = Field(
        default=None, validation_alias="SST_RESOURCE_Database"
    )
    named_bucket: str | None = Field(default=None, validation_alias="SIN_ARTIFACTS_BUCKET")
    linked_bucket: Annotated[LinkedBucket | None, BeforeValidator(_parse)] = Field(
        default=None, validation_alias="SST_RESOURCE_SinArtifacts"
    )
    job_id: str | None = Field(default=None, validation_alias="SIN_IMPORT_JOB_ID")
    actor_user_id: str | None = Field(default=None, validation_alias="SIN_IMPORT_ACTOR_USER_ID")
    sst_event: str | None = Field(default=None, validation_alias="SST_EVENT")
    queue_url: str | None = Field(default=None, validation_alias="SIN_IMPORT_QUEUE_URL")
    status_queue_url: str | None = Field(default=None, validation_alias="SIN_IMPORT_STATUS_QUEUE_URL")
    dead_letter_queue_url: str | None = Field(default=None, validation_alias="SIN_IMPORT_DEAD_LETTER_QUEUE_URL")
    ecs_cluster: str | None = Field(default=None, validation_alias="SIN_IMPORT_ECS_CLUSTER")
    ecs_task_definition: str = Field(default="sin-import-worker", validation_alias="SIN_IMPORT_ECS_TASK_DEFINITION")
    ecs_subnets: Listed = Field(default=(), validation_alias="SIN_IMPORT_ECS_SUBNETS")
    ecs_security_groups: Listed = Field(default=(), validation_alias="SIN_IMPORT_ECS_SECURITY_GROUPS")
    max_tasks: int = Field(default=4, validation_alias="SIN_IMPORT_MAX_TASKS", ge=1, le=1000)
    connections: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2,
        validation_alias="SIN_IMPORT_CONNECTIONS",
        ge=1,
        le=64,
    )
    chunk_bytes: int = Field(
        default=8 * 1024 * 1024,
        validation_alias="SIN_IMPORT_CHUNK_BYTES",
        ge=MIN_CHUNK_BYTES,
        le=MAX_CHUNK_BYTES,
    )
    max_attempts: int = Field(default=3, validation_alias="SIN_IMPORT_MAX_ATTEMPTS", ge=1)
    deadline_seconds: float | None = Field(default=None, validation_alias="SIN_IMPORT_DEADLINE_SECONDS", gt=0)
    admin_roles: Listed = Field(default=("Solstice Admin",), validation_alias="SIN_IMPORT_ADMIN_ROLES")
    home: Path = Field(
        default_factory=_default_home,
        validation_alias="SIN_IMPORT_HOME",
    )
    stage: str = Field(default="local", validation_alias="SST_STAGE")
    node_env: str = Field(default="development", validation_alias="NODE_ENV")
    named_auth_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("BetterAuthSecret", "BETTER_AUTH_SECRET")
    )
    linked_auth_secret: Annotated[LinkedSecret | None, BeforeValidator(_parse)] = Field(
        default=None, validation_alias="SST_RESOURCE_BetterAuthSecret"
    )
    ecs_metadata: str | None = Field(
        default=None,
        validation_alias=AliasChoices("ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"),
    )
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html"""
    kubernetes_host: str | None = Field(default=None, validation_alias="KUBERNETES_SERVICE_HOST")
    """https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables"""

    @property
    def production(self) -> bool:
        return self.node_env == "production"

    @property
    def database_url(self) -> SecretStr | None:
        """The URL that was given, or that of the linked database."""
        if self.named_database_url is None and self.linked_database is not None:
            return self.linked_database.url
        return self.named_database_url

    @property
    def artifacts_bucket(self) -> str | None:
        """The bucket that was given, or the linked one."""
        if self.named_bucket is None and self.linked_bucket is not None:
            return self.linked_bucket.name
        return self.named_bucket

    @property
    def auth_secret(self) -> SecretStr | None:
        """The secret that was given, or the linked one."""
        if self.named_auth_secret is None and self.linked_auth_secret is not None:
            return self.linked_auth_secret.value
        return self.named_auth_secret

    @property
    def deployment(self) -> str | None:
        """A clause that says where the program runs (``in a container of ECS``) if it must not fall back on the
        embedded database and a folder; None where it may."""
        if self.production:
            return "with NODE_ENV=production"
        if self.ecs_metadata is not None:
            return "in a container of ECS"
        if self.kubernetes_host is not None:
            return "in a container of Kubernetes"
        return None

    @classmethod
    def load(cls) -> "Settings":
        """Reads the environment; raises UsageError with one sentence about the first value that is wrong."""
        try:
            return cls.model_validate(_environment())
        except ValidationError as error:
            name, why = _problems(error)[0]
            raise UsageError(f"The setting {name} is wrong: {why}.") from None

    @classmethod
    def load_valid(cls) -> "tuple[Settings, list[tuple[str, str]]]":
        """The settings, with the default in place of each invalid value; and the names of these, each with the
        reason."""
        try:
            return cls.model_validate(_environment()), []
        except ValidationError as error:
            problems = _problems(error)
            wrong = {name.partition(".")[0] for name, _ in problems}
            defaults: dict[str, Any] = {
                field.validation_alias: field.get_default(call_default_factory=True, validated_data={})
                for field in cls.model_fields.values()
                if isinstance(field.validation_alias, str) and field.validation_alias in wrong
            }
            return cls.model_validate(_environment() | defaults), problems

    def require_database_url(self) -> str | None:
        """The database URL, or None where the embedded PostgreSQL stands in for it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if where := self.deployment:
            raise UsageError(f"DatabaseUrl is not set; {where} it must name the PostgreSQL database.")
        return None

    def artifacts_url(self) -> str:
        """The artifacts' place as a URL: ``s3://bucket/prefix`` or ``file:///folder``."""
        if self.artifacts_bucket is None:
            if where := self.deployment:
                raise UsageError(f"SIN_ARTIFACTS_BUCKET is not set; {where} it must name the bucket.")
            return (self.home.expanduser().resolve() / "artifacts").as_uri()
        return self.artifacts_bucket if "://" in self.artifacts_bucket else f"s3://{self.artifacts_bucket}"


def _environment() -> dict[str, Any]:
    """The variables that are set; an empty one counts as not set."""
    return {name: value for name, value in os.environ.items() if value}


def _problems(error: ValidationError) -> list[tuple[str, str]]:
    """Names of variables, and what is wrong with their values; never the values."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        (".".join(str(part) for part in detail["loc"]), detail["msg"].removeprefix("Value error, "))
        for detail in details
    ]
