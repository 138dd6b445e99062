"""Dates and durations that a workbook stores as ISO 8601 text: ods, and xlsx of some programs."""

import re
from datetime import datetime, timedelta

from import_worker.sources.workbooks.cells import clock_cell, text_cell

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:[.,]\d+)?))?)?Z?", re.ASCII)
_CLOCK = re.compile(r"T?(\d\d):(\d\d)(?::(\d\d(?:[.,]\d+)?))?Z?", re.ASCII)
_DURATION = re.compile(r"(-)?P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d+)?)S)?)?", re.ASCII)


def iso_cell(value: str) -> bytes:
    """A date, date-time or time of day, rounded to seconds; a time of midnight is left out. Any other text stays as it
    is."""
    value = value.strip()
    try:
        if match := _DATE.fullmatch(value):
            hours, minutes, seconds = match[2] or "0", match[3] or "0", match[4] or "0"
            moment = datetime.fromisoformat(match[1]) + timedelta(seconds=_seconds(hours, minutes, seconds))
            return str(moment if moment.hour or moment.minute or moment.second else moment.date()).encode()
    except (ValueError, OverflowError):
        return text_cell(value)
    if match := _CLOCK.fullmatch(value):
        return clock_cell(_seconds(match[1], match[2], match[3] or "0"))
    return text_cell(value)


def duration_cell(value: str) -> bytes:
    """``PT13H45M00S`` as ``13:45:00``. A text that is no duration of days, hours, minutes and seconds stays as it
    is."""
    match = _DURATION.fullmatch(value.strip())
    if not match:
        return text_cell(value)
    sign, days, hours, minutes, seconds = match.groups()
    total = int(days or 0) * 86_400 + _seconds(hours or "0", minutes or "0", seconds or "0")
    return clock_cell(-total if sign else total)


def _seconds(hours: str, minutes: str, seconds: str) -> int:
    return int(hours) * 3_600 + int(minutes) * 60 + int(float(seconds.replace(",", ".")) + 0.5)
