"""How many rejected rows a job tolerates. Pure.

As soon as it is certain that the limit is exceeded, no new chunk begins and the job fails. Rows that are in by then
stay in and can be rolled back; the reports cover all rows that were processed."""

from import_worker.errors import FailureReason, JobFailed
from import_worker.importing.stats import Stats
from import_worker.options import JobOptions


def check_tolerance(stats: Stats, options: JobOptions) -> None:
    """Raises JobFailed ``too_many_rejected_rows``. The ratio is of all rows of the file, so that an early run of bad
    rows does not decide."""
    failed = stats.rows_failed
    limit = options.max_rejected_rows
    if limit is not None and failed > limit:
        raise _too_many(f"{failed:,} rows were rejected, more than the {limit:,} of max_rejected_rows")
    ratio = options.max_rejected_ratio
    if ratio is not None and failed > ratio * stats.rows_total:
        raise _too_many(
            f"{failed:,} of {stats.rows_total:,} rows were rejected, more than the {ratio:g} of max_rejected_ratio"
        )


def _too_many(what: str) -> JobFailed:
    return JobFailed(
        FailureReason.TOO_MANY_REJECTED_ROWS,
        f"{what}; what is in stays in. Roll the job back, and submit the mended file, or the same one with a higher"
        " limit.",
    )
