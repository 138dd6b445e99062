"""The errors of a form or a mapping that cannot be used."""

from import_worker.errors import FailureReason, JobFailed


def invalid_form(message: str) -> JobFailed:
    """The error of a form that cannot be used. A retry does not help; publishing a mended form does."""
    return JobFailed(FailureReason.INVALID_FORM_DEFINITION, f"The form definition cannot be used: {message}.")


def invalid_mapping(message: str) -> JobFailed:
    """The error of a mapping that cannot be used. A retry does not help; another mapping does."""
    return JobFailed(FailureReason.INVALID_MAPPING, f"The mapping cannot be used: {message}.")
