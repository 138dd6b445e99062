"""Status events as CloudEvents."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cloudevents.core.formats.json import JSONFormat

from import_worker.event import RecordedEvent
from import_worker.events.cloud_event import MAX_BYTES, event_id, to_cloud_event

JOB = UUID("11111111-2222-3333-4444-555555555555")


def _event(**data: Any) -> RecordedEvent:
    return RecordedEvent(42, JOB, "solstice.import.completed", data, datetime(2026, 3, 4, 5, 6, 7, 89, UTC))


def test_it_is_a_cloud_event() -> None:
    text = to_cloud_event(_event(jobId=str(JOB), stats={"rows_total": 3, "seconds": 1.25}))
    assert json.loads(text) == {
        "specversion": "1.0",
        "id": f"{JOB}-42",
        "source": "/solstice/import-worker",
        "type": "solstice.import.completed",
        "subject": str(JOB),
        "time": "2026-03-04T05:06:07.000089Z",
        "datacontenttype": "application/json",
        "sequence": "00000000000000000042",
        "data": {"jobId": str(JOB), "stats": {"rows_total": 3, "seconds": 1.25}},
    }
    read = JSONFormat().read(None, text)
    assert read.get_id() == event_id(_event())
    assert read.get_time() == _event().created_at


def test_it_is_the_same_text_every_time() -> None:
    assert to_cloud_event(_event(a=1)) == to_cloud_event(_event(a=1))


def test_characters_that_a_queue_does_not_take_are_escaped() -> None:
    text = to_cloud_event(_event(errorSummary={"message": "a\u0001 \uffff \ud83d\ude00 é"}))
    assert text.isascii()
    assert text.isprintable()


def test_it_fits_whatever_the_summary_says() -> None:
    summary = {
        "reason": "mapped_header_missing",
        "message": "\u0001" * 5_000_000,
        "errorCount": 3,
        "byField": {f"{number:05}" * 1_000: number for number in range(3_000)},
        "byType": {"required": 3},
        "headers": ["x" * 1_000_000],
    }
    text = to_cloud_event(_event(jobId=str(JOB), errorSummary=summary))
    assert len(text) <= MAX_BYTES
    cut = json.loads(text)["data"]["errorSummary"]
    assert (cut["reason"], cut["errorCount"], cut["byType"]) == ("mapped_header_missing", 3, {"required": 3})
    assert max(cut["byField"].values()) == 2999
    assert cut["truncated"] is True
    assert "headers" not in cut
