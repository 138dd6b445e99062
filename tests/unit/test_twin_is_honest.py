"""Outcomes worked out by hand from the contract, against which both the twin and the product are held.

The twin and the product agree with each other elsewhere; here a misunderstanding that they share would show.
"""

import json
from typing import Any, NamedTuple

import pytest

from tests.agreement import Case, run_product
from tests.twin import RowError, validate_rows
from tests.twin.files import PREFIX


def _file(name: str, **changes: object) -> str:
    whole = {"fileName": "a", "mimeType": "image/png", "sizeBytes": 9, "storageKey": f"{PREFIX}{name}"}
    return json.dumps(whole | changes)


class Example(NamedTuple):
    name: str
    field: dict[str, Any]
    """The definition of a field ``f`` without its key."""
    options: dict[str, Any]
    """The mapping of the header ``F`` without its field."""
    outcomes: dict[str, str | tuple[str, str]]
    """For each cell the payload, or the error's type and message."""


NO_NUMBER = ("invalid_number", "Not a number")
NO_DATE = ("invalid_date", "Not a date in a known format (YYYY-MM-DD)")
NO_SUCH_DATE = ("invalid_date", "No such date")
NO_EMAIL = ("invalid_email", "Not an e-mail address")
NO_PHONE = ("invalid_phone", "Not a phone number")
NO_OPTION = ("invalid_option", "Not one of the options")
LINK = '{"f":"<a target=\\"_blank\\" rel=\\"noopener noreferrer\\">z</a>"}'
MISSING = ("required", "Missing required field")

EXAMPLES = [
    Example(
        "text is stored as written, white space alone is nothing",
        {"type": "text"},
        {},
        {
            " a ": '{"f":" a "}',
            "": "{}",
            " \t\u00a0\u3000\u2028": "{}",
            "\ufeff": '{"f":"\ufeff"}',
            'say "hi"\n\\ \x7f\u2028': '{"f":"say \\"hi\\"\\n\\\\ \x7f\u2028"}',
            "\x1f": '{"f":"\\u001f"}',
        },
    ),
    Example(
        "a number keeps its digits",
        {"type": "number"},
        {},
        {
            "23": '{"f":23}',
            " +1,234,567.50 ": '{"f":1234567.50}',
            ".5": '{"f":0.5}',
            "5.": '{"f":5}',
            "007": '{"f":7}',
            "-0": '{"f":-0}',
            "1E+05": '{"f":1e5}',
            "-2.50e-03": '{"f":-2.50e-3}',
            "0.1000000000000000055511151231257827": '{"f":0.1000000000000000055511151231257827}',
            "1e131071": '{"f":1e131071}',
            "1e131072": NO_NUMBER,
            "1e-16383": '{"f":1e-16383}',
            "1e-16384": NO_NUMBER,
            "1,23": NO_NUMBER,
            "1234,567": NO_NUMBER,
            "1 000": NO_NUMBER,
            ".": NO_NUMBER,
            "NaN": NO_NUMBER,
            "٣": NO_NUMBER,
        },
    ),
    Example(
        "an e-mail address is something@domain.tld",
        {"type": "email"},
        {},
        {
            " Ada@Example.org ": '{"f":"Ada@Example.org"}',
            "a@b": NO_EMAIL,
            "a@b@c.d": NO_EMAIL,
            "a b@c.d": NO_EMAIL,
            "a@.d": NO_EMAIL,
            "é@ü.de": '{"f":"é@ü.de"}',
        },
    ),
    Example(
        "normalized e-mail addresses are in lower case, in text fields too",
        {"type": "text"},
        {"normalize": "email"},
        {" Ada@Example.ORG ": '{"f":"ada@example.org"}', "Ada": NO_EMAIL},
    ),
    Example(
        "a phone number has 7 to 15 digits",
        {"type": "phone"},
        {},
        {
            " (604) 555-0123 ": '{"f":"(604) 555-0123"}',
            "+1 604.555.0123 EXT. 12": '{"f":"+1 604.555.0123 EXT. 12"}',
            "555-0123#1234567": '{"f":"555-0123#1234567"}',
            "123456": NO_PHONE,
            "123456789012345": '{"f":"123456789012345"}',
            "1234567890123456": NO_PHONE,
            "604+5550123": NO_PHONE,
            "604 555 0123 x12345678": NO_PHONE,
            "1-800-FLOWERS": NO_PHONE,
        },
    ),
    Example(
        "normalized phone numbers are E.164",
        {"type": "phone"},
        {"normalize": "phone"},
        {
            "(604) 555-0123 x5": '{"f":"+16045550123"}',
            "+44 20 7946 0958": '{"f":"+442079460958"}',
            "+1 234 567": NO_PHONE,
        },
    ),
    Example(
        "postal codes are tidied and never fail",
        {"type": "text"},
        {"normalize": "postal_code"},
        {"v6b1a1": '{"f":"V6B 1A1"}', " v6b-1a1 ": '{"f":"V6B 1A1"}', "sw1a \t 1aa": '{"f":"SW1A 1AA"}'},
    ),
    Example(
        "dates: ISO and Excel",
        {"type": "date"},
        {},
        {
            " 2024-02-29 ": '{"f":"2024-02-29"}',
            "2023-02-29": NO_SUCH_DATE,
            "0000-01-01": NO_SUCH_DATE,
            "2024-01-31T23:30:00.5-08:00": '{"f":"2024-01-31"}',
            "2024-01-31 24:00": NO_DATE,
            "2024-1-31": NO_DATE,
            "01/02/2024": NO_DATE,
            "45292": '{"f":"2024-01-01"}',
            "45292.75": '{"f":"2024-01-01"}',
            "4529": NO_DATE,
        },
    ),
    Example(
        "dates: one's own formats",
        {"type": "date"},
        {"date_formats": ["DD/MM/YYYY", "%m/%d/%Y", "D MMM YY"]},
        {
            "13/02/2024": '{"f":"2024-02-13"}',
            "02/13/2024": '{"f":"2024-02-13"}',
            "02/02/2024": '{"f":"2024-02-02"}',
            "01/02/2024": ("invalid_date", "Ambiguous date: more than one date format fits"),
            "31/02/2024": NO_SUCH_DATE,
            "5 september 68": '{"f":"2068-09-05"}',
            "5  Sep  69": '{"f":"1969-09-05"}',
            "soon": (
                "invalid_date",
                "Not a date in a known format (YYYY-MM-DD or DD/MM/YYYY or %m/%d/%Y or D MMM YY)",
            ),
        },
    ),
    Example(
        "select: value, then value in any case, then label",
        {
            "type": "select",
            "options": [{"value": "m", "label": "F"}, {"value": "f", "label": "Female"}, {"value": 3}],
        },
        {},
        {
            "m": '{"f":"m"}',
            " F ": '{"f":"f"}',
            "FEMALE": '{"f":"f"}',
            "3": '{"f":3}',
            "3.0": NO_OPTION,
            "x": NO_OPTION,
        },
    ),
    Example(
        "multiselect: blanks dropped, order kept",
        {
            "type": "multiselect",
            "required": True,
            "options": [{"value": "a,b", "label": "Both"}, {"value": "c", "label": "See"}],
        },
        {"separator": ";"},
        {
            "c; ;both": '{"f":["c","a,b"]}',
            "A,B": '{"f":["a,b"]}',
            "c;x": NO_OPTION,
            " ; ": MISSING,
        },
    ),
    Example(
        "checkbox, and what required means for it",
        {"type": "checkbox", "required": True},
        {"values": {"oui": True, "non": False}},
        {
            " YES ": '{"f":true}',
            "Oui": '{"f":true}',
            "off": MISSING,
            "non": MISSING,
            "": MISSING,
            "maybe": ("invalid_boolean", "Not yes or no"),
        },
    ),
    Example(
        "rich text is sanitised",
        {"type": "rich_text"},
        {},
        {
            "<p onclick='x()'>Hi<script>alert(1)</script></p>": '{"f":"<p>Hi</p>"}',
            '<a href="javascript:x">z</a>': LINK,
            "<script>alert(1)</script>": "{}",
            "<h1>t</h1>": '{"f":"t"}',
            "<p title=t lang=fr class=c id=i>x</p>": '{"f":"<p>x</p>"}',
            "<span class=c style=s title=t>x</span>": '{"f":"<span class=\\"c\\">x</span>"}',
            "<a href=/relative title=t>z</a>": LINK,
            "<a href=//e.org/x>z</a>": LINK,
            "<textarea>t</textarea>z<option>o</option>": '{"f":"z"}',
            "<p><br></p>": '{"f":"<p><br></p>"}',
        },
    ),
    Example(
        "required rich text must show something",
        {"type": "rich_text", "required": True, "validation": [{"type": "min_length", "value": 99}]},
        {},
        {
            "&nbsp;": MISSING,
            "<p><br></p>": MISSING,
            "<ul><li>\u200b</li></ul>": MISSING,
            "<img src=x>": MISSING,
            "<b>x</b>": ("validation", "Must have at least 99 characters"),
        },
    ),
    Example(
        "of two options with one value the first counts, and leads by both names",
        {
            "type": "select",
            "options": [{"value": "1", "label": "One"}, {"value": 1, "label": "Uno"}, {"value": "2"}, {"value": "2"}],
        },
        {},
        {"1": '{"f":"1"}', "uno": '{"f":"1"}', "2": '{"f":"2"}', "3": NO_OPTION},
    ),
    Example(
        "rules of other types, and rules without a value, are none",
        {
            "type": "number",
            "validation": [
                {"type": "pattern", "value": "^x$"},
                {"type": "max_length", "value": 0},
                {"type": "min", "value": ""},
                {"type": "max"},
                {"type": "max", "value": 5},
            ],
        },
        {},
        {"5": '{"f":5}', "6": ("validation", "Must be at most 5")},
    ),
    Example(
        "a date has characters, but no minimum",
        {
            "type": "date",
            "validation": [{"type": "min", "value": "2024-01-01"}, {"type": "pattern", "value": "^19"}],
        },
        {},
        {"1990-12-10": '{"f":"1990-12-10"}', "2023-12-10": ("validation", "Does not match the expected pattern")},
    ),
    Example(
        "values, then default, then case",
        {"type": "text", "required": True},
        {"values": {"N/A": None, " ca ": "canada", "x": 23}, "default": "unknown town", "case": "title"},
        {
            "n/a": '{"f":"Unknown Town"}',
            " ": '{"f":"Unknown Town"}',
            "CA": '{"f":"Canada"}',
            "X": '{"f":"23"}',
            "o'BRIEN-smith 3RD": '{"f":"O\'Brien-Smith 3rd"}',
        },
    ),
    Example(
        "every rule that is broken is told, in order; limits count themselves in",
        {
            "type": "number",
            "validation": [
                {"type": "min", "value": 5, "message": "Too few"},
                {"type": "max", "value": "10.50"},
                {"type": "custom", "value": "x"},
            ],
        },
        {},
        {
            "5": '{"f":5}',
            "10.50": '{"f":10.50}',
            "4.999999999999999999999999": ("validation", "Too few"),
            "10.500000000000000000000001": ("validation", "Must be at most 10.50"),
        },
    ),
    Example(
        "lengths count code points; patterns are found anywhere and speak JavaScript",
        {
            "type": "text",
            "validation": [
                {"type": "max_length", "value": 3},
                {"type": "pattern", "value": "[a-z\\u{1F44D}]\\d?$"},
            ],
        },
        {},
        {
            "👍👍👍": '{"f":"👍👍👍"}',
            "abcd": ("validation", "Must have at most 3 characters"),
            "x٣": ("validation", "Does not match the expected pattern"),
            "a1": '{"f":"a1"}',
        },
    ),
    Example(
        "sensitive cells are masked unless they are empty",
        {"type": "date", "required": True, "dataClassification": "sensitive"},
        {},
        {"soon": NO_DATE, "": MISSING},
    ),
    Example(
        "a file is an object that is there, under the form's prefix",
        {"type": "file", "fileConfig": {"allowedTypes": ["image/*"], "maxSizeBytes": 9}},
        {},
        {
            _file("", storageKey=None, url=f"https://artifacts.s3.amazonaws.com/{PREFIX}b/%C3%A9%20b.pdf"): (
                '{"f":{"fileName":"a","mimeType":"image/png","sizeBytes":9,' + f'"storageKey":"{PREFIX}b/é b.pdf"}}}}'
            ),
            _file("a.pdf", checksum="c"): '{"f":{"checksum":"c","fileName":"a","mimeType":"image/png","sizeBytes":9,'
            f'"storageKey":"{PREFIX}a.pdf"}}}}',
            _file("a.pdf", sizeBytes=10): ("validation", "The file is larger than 9 bytes"),
            _file("a.pdf", mimeType="text/csv"): ("validation", "The file's type is not allowed (image/*)"),
            _file("../a.pdf"): ("validation", f"The file's key is not under {PREFIX}"),
            _file("A.pdf"): ("validation", "There is no such file in the artifacts bucket"),
            "[]": ("multi_file_not_supported", "More than one file; the field takes one"),
            "a.pdf": ("invalid_file_payload", "Not a JSON object with fileName, mimeType and sizeBytes"),
        },
    ),
]


def expected_of(example: Example) -> tuple[list[tuple[int, str]], list[RowError]]:
    payloads: list[tuple[int, str]] = []
    errors: list[RowError] = []
    sensitive = example.field.get("dataClassification") == "sensitive"
    for row, (cell, outcome) in enumerate(example.outcomes.items(), start=1):
        if isinstance(outcome, str):
            payloads.append((row, outcome))
        else:
            errors.append(RowError(row, "f", *outcome, "***" if sensitive and cell else cell, "F"))
    return payloads, errors


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_of_one_field(example: Example) -> None:
    case = Case(
        {"fields": [{"key": "f", **example.field}]},
        {"F": {"field": "f", **example.options}},
        ["F"],
        [[cell] for cell in example.outcomes],
    )

    assert validate_rows(*case) == expected_of(example)
    assert run_product(case) == expected_of(example)


def test_raw_values_are_cut_at_a_thousand_characters() -> None:
    cells = ["9" * 999 + "x", "é" * 1001]
    case = Case({"fields": [{"key": "n", "type": "number"}]}, {"N": "n"}, ["N"], [[cell] for cell in cells])
    errors = [
        RowError(1, "n", *NO_NUMBER, cells[0], "N"),
        RowError(2, "n", *NO_NUMBER, "é" * 999 + "…", "N"),
    ]

    assert validate_rows(*case) == ([], errors)
    assert run_product(case) == ([], errors)
