"""Counts a job's submissions, versions and files, for comparison with the counts of its chunks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from import_worker.database.connection import Connection, connect, transaction
from import_worker.targets.submissions.files import count_files
from import_worker.targets.submissions.keys import SubmissionKeys
from import_worker.targets.submissions.rows import count_submissions, count_versions
from import_worker.targets.target import Loaded, Tally


def count_job(connection: Connection, url: str, keys: SubmissionKeys, expected: Loaded) -> Sequence[Tally]:
    """Counts the two large tables in parallel, versions over a connection of their own."""
    with ThreadPoolExecutor(1, thread_name_prefix="count") as pool:
        counting = pool.submit(_count_versions, url, keys)
        submissions = count_submissions(connection, keys)
        versions = counting.result()
    return (
        Tally("submissions found", submissions, expected.inserted),
        Tally("versions found", versions, expected.inserted),
        Tally("files found", count_files(connection, keys), expected.files),
    )


def _count_versions(url: str, keys: SubmissionKeys) -> int:
    with connect(url) as connection, transaction(connection):
        return count_versions(connection, keys)
