"""Dates: ISO, Excel, a mapping's formats, and the three ways to be wrong."""

from collections.abc import Callable

import pytest

from import_worker.forms.types.date_formats import DateFormat

Read = Callable[..., str]
UNKNOWN = "invalid_date: Not a date in a known format (YYYY-MM-DD)"
NO_SUCH = "invalid_date: No such date"
AMBIGUOUS = "invalid_date: Ambiguous date: more than one date format fits"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("2024-01-05", "2024-01-05"),
        (" 2024-02-29\n", "2024-02-29"),
        ("0001-01-01", "0001-01-01"),
        ("0100-12-28", "0100-12-28"),
        ("9999-12-31", "9999-12-31"),
        ("2024-01-05T23:59", "2024-01-05"),
        ("2024-01-05t23:59:59,123456789Z", "2024-01-05"),
        ("2024-01-05 00:00:00.1+05:30", "2024-01-05"),
        ("2024-01-05 00:00z", "2024-01-05"),
        ("2024-01-05 00:00-0530", "2024-01-05"),
        ("2024-01-05 00:00-05", "2024-01-05"),
        ("00000", "1899-12-30"),
        ("45000", "2023-03-15"),
        ("45000.75", "2023-03-15"),
        ("99999", "2173-10-13"),
        ("2024-02-30", NO_SUCH),
        ("2023-02-29", NO_SUCH),
        ("2024-13-01", NO_SUCH),
        ("2024-00-10", NO_SUCH),
        ("0000-01-01", NO_SUCH),
        ("2024-02-30T10:00", NO_SUCH),
        ("2024-01-05T24:00", UNKNOWN),
        ("2024-01-05T10:60", UNKNOWN),
        ("2024-01-05T10", UNKNOWN),
        ("2024-01-05T10:00.5", UNKNOWN),
        ("2024-01-05T10:00:00.1234567890", UNKNOWN),
        ("2024-01-05  10:00", UNKNOWN),
        ("2024-01-05Z", UNKNOWN),
        ("2024-1-5", UNKNOWN),
        ("24-01-05", UNKNOWN),
        ("4500", UNKNOWN),
        ("45000.", UNKNOWN),
        ("yesterday", UNKNOWN),
    ],
)
def test_without_formats(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "date"}).strip('"') == stored


@pytest.mark.parametrize(
    ("date_format", "cell", "stored"),
    [
        ("MM/DD/YYYY", "1/5/2024", "2024-01-05"),
        ("MM/DD/YYYY", "01/05/2024", "2024-01-05"),
        ("MM/DD/YYYY", "13/05/2024", NO_SUCH),
        ("MM/DD/YYYY", "2024-01-05", "2024-01-05"),
        ("yyyy.M.d", "2024.1.5", "2024-01-05"),
        ("%d %B %Y", "5 JANUARY   2024", "2024-01-05"),
        ("%d %B %Y", "5 jan 2024", "2024-01-05"),
        ("MMM D, YY", "May 5, 68", "2068-05-05"),
        ("MMM D, YY", "may 5, 69", "1969-05-05"),
        ("DD MMMM YYYY à HH:mm:ss", "05 sept 2024 à 10:00:00", None),
        ("DD MMMM YYYY À HH:mm:ss", "05 sep 2024 à 23:59:0", "2024-09-05"),
        ("%Y%m%d", "20240105", "2024-01-05"),
        ("%Y%m%d", "2024105", None),
        ("DMYYYY", "1112024", None),
        ("DMMMYYYY", "5jan2024", "2024-01-05"),
        ("D ΑΣ M YYYY", "5 ας 1 2024", "2024-01-05"),
        ("%m/%d/%Y %I:%M %p", "1/5/2024 12:30 PM", "2024-01-05"),
        ("%m/%d/%Y %I:%M %p", "1/5/2024 13:30 PM", None),
        ("%d%%%m%%%y", "05%01%24", "2024-01-05"),
        ("YYYY[M]D", "2024[1]5", "2024-01-05"),
        ("DD.MM.YYYY", "05x01x2024", None),
    ],
)
def test_with_a_format(read_cell: Read, date_format: str, cell: str, stored: str | None) -> None:
    unknown = UNKNOWN.replace(")", f" or {date_format})")
    assert read_cell(cell, {"type": "date"}, {"date_formats": [date_format]}).strip('"') == (stored or unknown)


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("01/05/2024", AMBIGUOUS),
        ("05/05/2024", "2024-05-05"),
        ("13/05/2024", "2024-05-13"),
        ("32/13/2024", NO_SUCH),
        ("x", UNKNOWN.replace(")", " or MM/DD/YYYY or %d/%m/%Y)")),
    ],
)
def test_several_readings(read_cell: Read, cell: str, stored: str) -> None:
    formats = {"date_formats": ["MM/DD/YYYY", "%d/%m/%Y"]}
    assert read_cell(cell, {"type": "date"}, formats).strip('"') == stored


def test_a_format_may_contradict_iso(read_cell: Read) -> None:
    assert read_cell("2024-01-05", {"type": "date"}, {"date_formats": ["%Y-%d-%m"]}) == AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "needs a year"),
        ("MM/DD", "needs a year"),
        ("YYYY-DD", "needs a month"),
        ("YYYY-MM", "needs a day"),
        ("YYYY-MM-DD YY", "more than one year"),
        ("MMM MM DD YYYY", "more than one month"),
        ("%d/%m/%Y %", "unknown part '%'"),
        ("%d/%m/%Y %Z", "unknown part '%Z'"),
    ],
)
def test_bad_formats(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        DateFormat.parse(text)
