"""Events on their way out: claimed, sent by the caller, and marked, in one transaction."""

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.event import EventType, RecordedEvent

MAX_AGE_SECONDS = 14 * 24 * 3600.0
"""Older events are not sent any more. SQS keeps no message for longer than 14 days, so nobody who reads a queue counts
on hearing of anything older; and a queue that is set up anew is not flooded with the past.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
SKIPPED_AT_ONCE = 1_000


def skip_events(connection: Connection) -> int:
    """Skips events that are too old, or progress that a later event of its job has overtaken; returns how many.

    Looks at the oldest thousand that wait to be sent; those that another sender has claimed are left to it.
    """
    return connection.execute(
        query("skip_events"),
        {
            "limit": SKIPPED_AT_ONCE,
            "max_age_seconds": MAX_AGE_SECONDS,
            "progress": f"solstice.import.{EventType.PROGRESS}",
        },
    ).rowcount


def claim_events(connection: Connection, limit: int, leave_out: list[int]) -> list[RecordedEvent]:
    """The first event of each of several jobs that still waits to be sent, locked until the caller's transaction ends.

    Never two events of one job: whoever sends these in any order, or only some of them, keeps the order per job.
    """
    connection.execute(query("begin_sending"))
    with connection.cursor(row_factory=class_row(RecordedEvent)) as cursor:
        return cursor.execute(query("claim_events"), {"limit": limit, "leave_out": leave_out}).fetchall()


def mark_sent(connection: Connection, ids: list[int]) -> None:
    connection.execute(query("mark_sent"), {"ids": ids})
