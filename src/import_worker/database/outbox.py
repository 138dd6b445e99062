"""Sending events from the outbox: they are claimed, sent by the caller, and marked as sent, in one transaction."""

from psycopg.rows import class_row

from import_worker.database.connection import Connection
from import_worker.database.queries import query
from import_worker.event import EventType, RecordedEvent

MAX_AGE_SECONDS = 14 * 24 * 3600.0
"""Older events are not sent. SQS keeps no message for longer than 14 days, so readers of a queue cannot expect older
events; and a new queue is not flooded with old events.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
SKIPPED_AT_ONCE = 1_000


def skip_events(connection: Connection) -> int:
    """Skips events that are too old, and progress events with a later event of the same job; returns how many.

    Examines the oldest thousand events that wait to be sent, except those that another sender has claimed.
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
    """Claims the first waiting event of each of several jobs; they are locked until the caller's transaction ends.

    No two events are of one job, so each job's order is kept whichever of them are sent, and in whichever order.
    """
    connection.execute(query("begin_sending"))
    with connection.cursor(row_factory=class_row(RecordedEvent)) as cursor:
        return cursor.execute(query("claim_events"), {"limit": limit, "leave_out": leave_out}).fetchall()


def mark_sent(connection: Connection, ids: list[int]) -> None:
    connection.execute(query("mark_sent"), {"ids": ids})
