"""Where a job's artifacts lie: their keys, and the place where a person finds them. No IO."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID


@dataclass(frozen=True)
class ReportKeys:
    """Keys of the report objects of a job."""

    errors: str
    rejected: str

    @classmethod
    def of(cls, job_id: UUID) -> "ReportKeys":
        return cls(f"imports/{job_id}/errors.csv", f"imports/{job_id}/rejected.csv")


def kept_key(job_id: UUID) -> str:
    """Key of the list of rows that a rollback left in."""
    return f"imports/{job_id}/kept.csv"


def folder_of(url: str) -> Path:
    """The folder that a ``file:`` URL names."""
    return Path(unquote(urlsplit(url).path))


def locate(url: str, key: str) -> str:
    """Where a person finds an object of the store at ``url``: a path for a local folder, an ``s3://`` URL otherwise."""
    if url.startswith("file:"):
        return str(folder_of(url) / key)
    return f"{url.rstrip('/')}/{key}"
