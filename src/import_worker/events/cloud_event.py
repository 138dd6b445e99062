"""A recorded event as a CloudEvent in JSON, small enough for a queue. Pure.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md (structured content mode)
"""

from collections.abc import Mapping
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from import_worker.event import RecordedEvent

SOURCE = "/solstice/import-worker"
MAX_BYTES = 200_000
"""SQS takes 262,144 bytes in one request at least (1 MiB since 2025, where a queue's own limit is not lower)."""
SUMMARY_CHARACTERS = 1_000
SUMMARY_ENTRIES = 100

_FORMAT = JSONFormat()


def event_id(event: RecordedEvent) -> str:
    """Unique among all events of all installations, and the same whenever the event is sent, so that receivers can drop
    duplicates by it. At most 56 characters: hexadecimal digits and hyphens."""
    return f"{event.job_id}-{event.id}"


def to_cloud_event(event: RecordedEvent) -> str:
    """The JSON text, in ASCII and at most MAX_BYTES long.

    ``sequence`` (the CloudEvents extension of that name) sorts as text in the order in which a job's events happened,
    for queues that do not keep the order. An error summary that would not fit is cut (``cut_summary``).
    """
    text = _write(event, event.data)
    if len(text) > MAX_BYTES:
        text = _write(event, {**event.data, "errorSummary": cut_summary(event.data.get("errorSummary") or {})})
    return text


def cut_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Cuts an error summary: keeps the largest hundred counts by type and by field, numbers, and the beginning of
    texts; adds ``truncated``."""
    kept: dict[str, Any] = {}
    for name, value in summary.items():
        if isinstance(value, str):
            kept[name] = value[:SUMMARY_CHARACTERS]
        elif name in ("byType", "byField") and isinstance(value, Mapping):
            largest = sorted(value.items(), key=lambda item: -item[1])[:SUMMARY_ENTRIES]
            kept[name] = {key[:SUMMARY_ENTRIES]: count for key, count in largest}
        elif isinstance(value, int | float | None):
            kept[name] = value
    return {**kept, "truncated": True}


def _write(event: RecordedEvent, data: Mapping[str, Any]) -> str:
    attributes = {
        "id": event_id(event),
        "source": SOURCE,
        "type": event.type,
        "specversion": "1.0",
        "subject": str(event.job_id),
        "time": event.created_at,
        "datacontenttype": "application/json",
        "sequence": f"{event.id:020d}",
    }
    return _FORMAT.write(CloudEvent(attributes, dict(data))).decode()
