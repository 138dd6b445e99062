"""Why a workbook is not read, each with a sentence that says what to do."""

from import_worker.errors import FailureReason, JobFailed

SAVE_AS_WORKBOOK = "save its table as a workbook or as CSV and upload that"


def damaged(what: str) -> JobFailed:
    """``what`` is a clause, for example "the archive ends too early"."""
    return JobFailed(
        FailureReason.UNREADABLE_FILE,
        f"The workbook is damaged ({what}); open it in a spreadsheet program, save it anew and upload that.",
    )


def encrypted() -> JobFailed:
    return JobFailed(
        FailureReason.UNREADABLE_FILE,
        "The workbook is protected by a password; save it without one and upload that.",
    )


def not_a_workbook(name: str, cure: str) -> JobFailed:
    """``name`` with its article, ``cure`` is an imperative clause."""
    return JobFailed(FailureReason.UNSUPPORTED_FORMAT, f"The file is {name}, not a workbook; {cure}.")


def empty(message: str) -> JobFailed:
    return JobFailed(FailureReason.SOURCE_FILE_EMPTY, message)


def limit(message: str) -> JobFailed:
    return JobFailed(FailureReason.LIMIT_EXCEEDED, message)
