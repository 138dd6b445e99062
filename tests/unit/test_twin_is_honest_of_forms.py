"""Whole forms worked out by hand, against which both the twin and the product are held."""

from tests.agreement import Case, run_product
from tests.twin import RowError, validate_rows

NO_NUMBER = ("invalid_number", "Not a number")
NO_PHONE = ("invalid_phone", "Not a phone number")
MISSING = ("required", "Missing required field")

MEMBERSHIP = Case(
    {
        "fields": [
            {"key": "age", "type": "number"},
            {
                "key": "guardian",
                "type": "text",
                "required": True,
                "conditional": {"field": "minor", "operator": "equals", "value": True},
            },
            {"key": "minor", "type": "checkbox"},
            {
                "key": "licence",
                "type": "text",
                "conditional": {"field": "age", "operator": "greater_than", "value": 17},
                "validation": [{"type": "min_length", "value": 4}, {"type": "pattern", "value": "^L"}],
            },
            {
                "key": "note",
                "type": "text",
                "required": True,
                "conditional": {"field": "sports", "operator": "contains", "value": "judo"},
            },
            {"key": "sports", "type": "multiselect", "options": [{"value": "judo"}, {"value": "golf"}]},
        ]
    },
    {
        "Age": "age",
        " GUARDIAN ": {"field": "guardian"},
        "Minor": "minor",
        "Licence": "licence",
        "Sports": "sports",
    },
    ["Licence", "Sports", "Guardian", "Age", "Minor", "Unmapped"],
    [
        ["L123", "golf", "", "18", "no", "x"],
        ["x", "golf", "", "17", "no", "x"],
        ["x", "golf", "Ada", "17.01", "yes", "x"],
        ["x", "Judo,golf", " ", "old", "yes", "x"],
        ["", "", "", "", "", ""],
    ],
)


def test_conditions_and_the_order_of_errors() -> None:
    payloads = [
        (1, '{"age":18,"minor":false,"sports":["golf"],"licence":"L123"}'),
        (2, '{"age":17,"minor":false,"sports":["golf"],"licence":"x"}'),
        (5, "{}"),
    ]
    errors = [
        RowError(3, "licence", "validation", "Must have at least 4 characters", "x", "Licence"),
        RowError(3, "licence", "validation", "Does not match the expected pattern", "x", "Licence"),
        RowError(4, "age", *NO_NUMBER, "old", "Age"),
        RowError(4, "guardian", *MISSING, " ", "Guardian"),
        RowError(4, "note", *MISSING, "", None),
    ]

    assert validate_rows(*MEMBERSHIP) == (payloads, errors)
    assert run_product(MEMBERSHIP) == (payloads, errors)


HOUSEHOLD = Case(
    {
        "fields": [
            {"key": "phone", "type": "phone", "required": True},
            {"key": "gone", "type": "text", "required": True, "conditional": {"field": "?", "operator": "equals"}},
            {"key": "odd", "type": "signature", "required": True, "conditional": {
                "field": "size", "operator": "greater_than", "value": "9",
            }},
            {"key": "size", "type": "select", "options": [{"value": "10"}, {"value": "9"}, {"value": 2}]},
            {"key": "land", "type": "text"},
        ]
    },
    {
        "Home": "phone",
        "Mobile": {"field": "phone", "values": {"none": None}},
        "Work": {"field": "phone", "default": "604 555 0100"},
        "Pager": "phone",
        "Size": "size",
        "Country": {"field": "land", "default": "CA"},
    },
    ["Work", "Size", "Mobile", "Home"],
    [
        ["604 555 0101", "9", "604 555 0102", "604 555 0103"],
        ["604 555 0101", "2", "NONE", " "],
        ["", "", "none", ""],
        ["604 555 0101", "10", "no", ""],
    ],
)  # fmt: skip


def test_several_columns_of_a_field_and_columns_that_the_file_lacks() -> None:
    payloads = [
        (1, '{"land":"CA","size":"9","phone":"604 555 0103"}'),
        (2, '{"land":"CA","size":2,"phone":"604 555 0101"}'),
        (3, '{"land":"CA","phone":"604 555 0100"}'),
    ]
    errors = [
        RowError(4, "phone", *NO_PHONE, "no", "Mobile"),
        RowError(4, "odd", *MISSING, "", None),
    ]

    assert validate_rows(*HOUSEHOLD) == (payloads, errors)
    assert run_product(HOUSEHOLD) == (payloads, errors)
