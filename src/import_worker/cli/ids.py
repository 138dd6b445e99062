"""Parsing ids that people type."""

from uuid import UUID

from import_worker.errors import UsageError


def parse_id(text: str) -> UUID | None:
    """The id, or None when the text is not an id."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def parse_job_id(text: str) -> UUID:
    """The job id that a person typed. Raises UsageError."""
    job_id = parse_id(text)
    if job_id is None:
        raise UsageError(f"{text!r} is not a job id; `import-worker list` shows the ids.")
    return job_id
