"""Converts cells to CSV: the values that a person sees, in a form that a program can read."""

import math
import re
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from import_worker.sources.transcode import ERROR_MARK

Cell = bytes | bytearray
"""A cell as it is written in a CSV record, quoted if needed. Empty: no value."""
Row = tuple[int, list[Cell]]
"""Row number (from 1, increasing) and its cells from the first column on."""

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""The limits of a sheet in Excel and LibreOffice."""
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""[MS-XLS] 2.5.10 BErr; xlsb has the same."""

_NEEDS_QUOTES = re.compile('[,"\r\n]')
_SECONDS_A_DAY = 86_400
_MAX_EXACT = 2**53  # whole numbers up to this are exact in binary floating point
_MAX_FIXED = 20  # digits; a spreadsheet, too, shows longer numbers with an exponent
# The day from which each date system counts, and its serial number of 9999-12-31.
_EPOCH_1900, _LAST_1900 = date(1899, 12, 30), 2_958_465
_EPOCH_1904, _LAST_1904 = date(1904, 1, 1), 2_957_003
_FICTITIOUS_LEAP_DAY = 60  # 1900-02-29, kept by Excel for the sake of Lotus 1-2-3


class Shown(StrEnum):
    """What a number's format shows it as."""

    DATE = "date"
    TIME = "time of day"
    DATE_TIME = "date and time"
    DURATION = "duration"


Format = Shown | int
"""What a number's format shows it as: a date or a time, or a number padded with zeros to so many digits."""


NO_RESULT = "#UNCALCULATED"
"""The error of a formula without a stored result; programs that cannot calculate write such formulas."""


def text_cell(text: str) -> bytes:
    """Text as it is; a text of white space alone becomes empty. Half a surrogate pair becomes bytes that are not
    UTF-8."""
    if not text or text.isspace():
        return b""
    if _NEEDS_QUOTES.search(text):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode("utf-8", "surrogatepass")


def error_cell(text: str) -> bytes:
    return ERROR_MARK + text_cell(text or "#ERROR").strip(b'"')


def bool_cell(value: object) -> bytes:
    return b"TRUE" if value else b"FALSE"


def number_cell(value: float) -> bytes:
    """A number with 15 significant digits, as a spreadsheet shows it; whole numbers up to 2^53 are written in full."""
    if not math.isfinite(value):
        return error_cell("#NUM!")
    if value.is_integer() and abs(value) < _MAX_EXACT:
        return b"%d" % int(value)
    text = f"{value:.15g}"
    if "e" in text:
        number = Decimal(text)
        text = f"{number:f}" if abs(number.adjusted()) <= _MAX_FIXED else f"{number:E}"
    return text.encode()


def formatted_cell(number: float, shown: Format, date1904: bool) -> bytes:
    """A number as its format shows it."""
    if isinstance(shown, int):
        whole = number.is_integer() and 0 <= number < _MAX_EXACT
        return b"%0*d" % (shown, int(number)) if whole else number_cell(number)
    return _serial_cell(number, shown, date1904)


@lru_cache(maxsize=1 << 16)
def _serial_cell(serial: float, shown: Shown, date1904: bool) -> bytes:
    """A date or time that is stored as a number of days. A number outside the calendar stays a number, as it does on
    screen.

    Rounded to whole seconds. A date-time at midnight is a date; one of day 0 is a time of day.
    """
    last = _LAST_1904 if date1904 else _LAST_1900
    if not math.isfinite(serial) or abs(serial) > last + 1:
        return number_cell(serial)
    seconds = math.floor(serial * _SECONDS_A_DAY + 0.5)
    if shown is Shown.DURATION:
        return clock_cell(seconds)
    days, second = divmod(seconds, _SECONDS_A_DAY)
    if not 0 <= days <= last:
        return number_cell(serial)
    if shown is Shown.TIME or (shown is Shown.DATE_TIME and days == 0 and not date1904):
        return clock_cell(second)
    day = _day(days, date1904)
    return day if shown is Shown.DATE or not second else day + b" " + clock_cell(second)


def clock_cell(seconds: int) -> bytes:
    """``HH:MM:SS``; a duration may have any number of hours, and may be negative."""
    minutes, second = divmod(abs(seconds), 60)
    return b"%s%02d:%02d:%02d" % (b"-" if seconds < 0 else b"", *divmod(minutes, 60), second)


def _day(days: int, date1904: bool) -> bytes:
    if date1904:
        return (_EPOCH_1904 + timedelta(days)).isoformat().encode()
    if days == 0:
        return b"1900-01-00"
    if days == _FICTITIOUS_LEAP_DAY:
        return b"1900-02-29"
    return (_EPOCH_1900 + timedelta(days + (days < _FICTITIOUS_LEAP_DAY))).isoformat().encode()
