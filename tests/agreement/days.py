"""Cells of date fields, and formats to read them by."""

# ruff: noqa: RUF001 (characters that look like others are the point)

from datetime import date
from typing import NamedTuple

from hypothesis import strategies as st

from .characters import damaged, padded, recased

FORMATS = (
    "DD/MM/YYYY", "MM/DD/YYYY", "%d/%m/%Y", "%m/%d/%Y", "D/M/YY", "%m/%d/%y", "DD.MM.YYYY", "dd-MM-yyyy",
    "d.M.yy", "YYYY/MM/DD", "YYYYMMDD", "%Y%m%d", "ddMMyyyy", "%d%m%y", "YYMD", "D MMM YYYY", "%d %B %Y",
    "%b %d, %Y", "MMMM D, YYYY", "YYYY-MM-DD HH:mm:ss", "MM/DD/YYYY hh:mm A", "%m/%d/%Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%S", "%d%%%m%%%Y", "YYYY年M月D日", "[DD] (MM).YYYY*", "%Y\\%m\\%d", "%d ß %m Σ %Y",
    "%d\xa0%b \t%Y", "DD|MM|YYYY", "%d^%m$%Y", "K%Y s%m I%d", "%d de %B de %Y", "YYYY-DD-MM", "%Y-%d-%m",
    "%y%m%d", "%d ΟΔΟΣ %m \x1c%Y", "%Y%m%d%H%M%S", "%d1%m %Y",
)  # fmt: skip
CONFLICTS = (
    ["DD/MM/YYYY", "MM/DD/YYYY"], ["%m/%d/%y", "%d/%m/%Y", "%d/%m/%y"], ["%d%m%y", "%y%m%d"], ["YYYY-DD-MM"],
    ["ddMMyyyy", "MMDDYYYY"], ["D MMM YY", "YY MMM D"], ["%d%m%y"], ["DMYYYY"],
)  # fmt: skip
ODD_DATES = (
    "2023-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "2100-02-29", "2023-04-31", "2023-13-01",
    "2023-00-10", "2023-01-00", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2024-1-1",
    "24-01-01", "2024-01", "2024", "20240101", "2024/01/01", "-2024-01-01", "+2024-01-01", "2024-01-01T",
    "2024-01-01T12", "2024-01-01T00:00", "2024-01-01t23:59:59z", "2024-01-01 12:30", "2024-01-01  12:30",
    "2024-01-01\t12:30", "2024-01-01T24:00", "2024-01-01T24:00:00", "2024-01-01T23:60",
    "2024-01-01T23:59:60", "2024-01-01T1:00", "2024-01-01T12:00:00.1", "2024-01-01T12:00:00,123456789",
    "2024-01-01T12:00:00.1234567890", "2024-01-01T12:00:00.", "2024-01-01T12:00.5", "2024-01-01T12:00Z",
    "2024-01-01T12:00 Z", "2024-01-01T12:00+05:30", "2024-01-01T12:00-0530", "2024-01-01T12:00+05",
    "2024-01-01T12:00+5", "2024-01-01T12:00+05:3", "2024-01-01T12:00+23:59", "2024-01-01T12:00+24:00",
    "2024-01-01T12:00+05:60", "2024-01-01T12:00±05:00", "2024-01-01Z", "2024-01-01+05:00",
    "2023-02-30T12:00", "2023-02-29 00:00:00", "2024-01-01T12:00:00Zulu", "45000", "45000.5", "45000.",
    ".45000", "4500", "145000", "00000", "00001", "00060", "99999", "99999.999999", "45,000", "+45000",
    "-45000", "٢٠٢٤-٠١-٠١", "２０２４-01-01", "2024‐01‐01", "today", "n/a", "01/02/2024", "13/02/2024",
    "02/13/2024", "31/02/2024", "02/02/2024", "1/2/24", "1/2/68", "1/2/69", "12/11/10", "1112024", "1312024",
    "11123", "111111", "010203", "20240230", "Jan 5, 2024", "5 sept 2024", "5 SEPTEMBER 2024", "5 may 2024",
    "31 June 2024", "29 feb 2023", "29 feb 2024", "01/02/2024 12:00 AM", "01/02/2024 13:00 PM",
    "01/02/2024 0:30 am", "2024-01-01 23:5:9", "5%6%2024", "5  Jan\n2024", "5\u00a0Jan\u20032024",
    "\u212a2024 ſ1 i1", "1 ẞ 2 ς 2024", "1 ß 2 σ 2024", "0/1/2024", "1/0/2024", "1/1/0000", "2024-05-06",
)  # fmt: skip

date_formats = st.one_of(
    st.lists(st.sampled_from(FORMATS), max_size=3, unique=True),
    st.sampled_from(CONFLICTS),
    st.sampled_from(CONFLICTS),
)

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

days = st.one_of(
    st.dates(), st.dates(date(1995, 1, 1), date(2030, 12, 31)), st.dates(date(2024, 1, 1), date(2024, 12, 12))
)


class Day(NamedTuple):
    """As a date, but it need not exist."""

    year: int
    month: int
    day: int


EDGES = (
    (1969, 1, 2), (2068, 2, 1), (2000, 2, 29), (1900, 2, 29), (2024, 2, 29), (2023, 2, 29), (2024, 12, 31),
    (2024, 1, 10), (2024, 11, 11), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0), (2024, 4, 31), (1, 1, 1), (0, 1, 1),
    (9999, 12, 31),
)  # fmt: skip
impossible_days = st.builds(
    Day,
    st.integers(1990, 2030),
    st.sampled_from((2, 2, 4, 6, 0, 13, 12)),
    st.sampled_from((0, 29, 30, 31, 32)),
)
times = st.sampled_from(
    (
        "",
        "",
        "",
        "T00:00",
        " 23:59:59",
        "t12:30:01.5Z",
        " 09:15:00,123456789+05:30",
        "T09:15-0800",
        "T09:15:59+00",
        "T9:15",
    )
)
serials = st.builds("{:05d}{}".format, st.integers(0, 99_999), st.sampled_from(("", "", ".5", ".0", ".99999")))


def written(day: date | Day, date_format: str, *, pad: bool = True) -> str:
    """The day as a format writes it (with a time where the format has one), maybe without leading zeros."""
    month_number = f"{day.month:02d}" if pad else str(day.month)
    day_number = f"{day.day:02d}" if pad else str(day.day)
    month = MONTHS[(day.month - 1) % 12]
    pieces = [
        ("%Y", "YYYY", f"{day.year:04d}"), ("", "yyyy", f"{day.year:04d}"),
        ("%y", "YY", f"{day.year % 100:02d}"), ("", "yy", f"{day.year % 100:02d}"),
        ("%B", "MMMM", month), ("%b", "MMM", month[:3]),
        ("%m", "MM", month_number), ("", "M", str(day.month)), ("%d", "DD", day_number),
        ("", "dd", day_number), ("", "D", str(day.day)), ("", "d", str(day.day)), ("%H", "HH", "07"),
        ("%M", "mm", "30"), ("%S", "ss", "5"), ("%I", "hh", "12"), ("%p", "A", "pm"), ("%%", "", "%"),
    ]  # fmt: skip
    text, at = "", 0
    while at < len(date_format):
        for strftime, token, value in pieces:
            found = strftime if "%" in date_format else token
            if found and date_format.startswith(found, at):
                text, at = text + value, at + len(found)
                break
        else:
            text, at = text + date_format[at], at + 1
    return text


def special_dates(formats: list[str]) -> list[str]:
    return [*ODD_DATES, *(written(Day(*day), known) for known in formats for day in EDGES)]


def good_dates(formats: list[str]) -> st.SearchStrategy[str]:
    iso = st.builds("{}{}".format, days.map(date.isoformat), times)
    if not formats:
        return padded(st.one_of(iso, iso, serials))
    formatted = recased(st.builds(written, days, st.sampled_from(formats), pad=st.booleans()))
    return padded(st.one_of(formatted, formatted, formatted, iso, serials))


def odd_dates(formats: list[str]) -> st.SearchStrategy[str]:
    near = [
        st.builds(written, days, st.sampled_from(FORMATS)),
        st.builds(written, impossible_days, st.sampled_from(formats or ["YYYY-MM-DD"])),
    ]
    if formats:
        near.append(damaged(st.builds(written, days, st.sampled_from(formats))))
    odd = st.sampled_from(ODD_DATES)
    return padded(st.one_of(odd, odd, damaged(good_dates(formats)), *near))
