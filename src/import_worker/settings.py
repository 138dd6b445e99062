"""Settings from the environment. Read once, at the edge; inner layers are handed plain values."""

import os
import tempfile
from pathlib import Path

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from import_worker.errors import UsageError

MIN_CHUNK_BYTES = 64 * 1024
MAX_CHUNK_BYTES = 256 * 1024 * 1024


def _default_home() -> Path:
    """The platform's user data folder. A container's user may have neither an entry nor HOME, and needs no folder."""
    try:
        return platformdirs.user_data_path("solstice-import-worker", appauthor=False)
    except RuntimeError:
        return Path(tempfile.gettempdir()) / "solstice-import-worker"


class Settings(BaseSettings):
    """The environment variables of contract section 3, checked."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, populate_by_name=True, env_ignore_empty=True
    )

    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DatabaseUrl", "DATABASE_URL"))
    artifacts_bucket: str | None = Field(default=None, validation_alias="SIN_ARTIFACTS_BUCKET")
    job_id: str | None = Field(default=None, validation_alias="SIN_IMPORT_JOB_ID")
    actor_user_id: str | None = Field(default=None, validation_alias="SIN_IMPORT_ACTOR_USER_ID")
    sst_event: str | None = Field(default=None, validation_alias="SST_EVENT")
    queue_url: str | None = Field(default=None, validation_alias="SIN_IMPORT_QUEUE_URL")
    status_queue_url: str | None = Field(default=None, validation_alias="SIN_IMPORT_STATUS_QUEUE_URL")
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
    home: Path = Field(
        default_factory=_default_home,
        validation_alias="SIN_IMPORT_HOME",
    )
    stage: str = Field(default="local", validation_alias="SST_STAGE")
    node_env: str = Field(default="development", validation_alias="NODE_ENV")
    better_auth_secret: SecretStr | None = Field(default=None, validation_alias="BetterAuthSecret")

    @property
    def production(self) -> bool:
        return self.node_env == "production"

    @classmethod
    def load(cls) -> "Settings":
        """Reads the environment; raises UsageError with one sentence about the first value that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"The setting {name} is wrong: {first['msg'].removeprefix('Value error, ')}.") from None

    def require_database_url(self) -> str | None:
        """The database URL, or None where the embedded PostgreSQL stands in for it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.production:
            raise UsageError("DatabaseUrl is not set; in production it must name the PostgreSQL database.")
        return None

    def artifacts_url(self) -> str:
        """The artifacts' place as a URL: ``s3://bucket/prefix`` or ``file:///folder``."""
        if self.artifacts_bucket is None:
            if self.production:
                raise UsageError("SIN_ARTIFACTS_BUCKET is not set; in production it must name the bucket.")
            return (self.home.expanduser().resolve() / "artifacts").as_uri()
        return self.artifacts_bucket if "://" in self.artifacts_bucket else f"s3://{self.artifacts_bucket}"
