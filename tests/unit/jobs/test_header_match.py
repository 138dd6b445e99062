"""What people are shown of a match: the same as what is bound, and what comes near the rest."""

import time

import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import match_headers
from import_worker.forms.joining import bind
from import_worker.jobs.header_match import match

FORM = FormDefinition.parse(
    {
        "fields": [
            {"key": "name", "type": "text", "label": "Full name"},
            {"key": "mail", "type": "email", "label": "E-mail address"},
            {"key": "phone", "type": "phone", "label": "Telephone"},
            {"key": "member_since", "type": "date", "label": "Member since"},
        ]
    }
)


@pytest.mark.parametrize(
    ("mapping", "headers", "by_header"),
    [
        ({"Name": "name"}, ["name", "Name"], [("name", None), ("Name", "name")]),
        ({"Name": "name"}, ["name ", "x"], [("name ", "name"), ("x", None)]),
        ({"Name": "name", "Alias": "name"}, ["Alias", "Name"], [("Alias", "name"), ("Name", "name")]),
        ({"N": "phone", "n": "name"}, ["N"], [("N", "name"), ("N", "phone")]),
        ({"X": "name"}, ["X", "", "X"], [("X", "name"), ("", None), ("X", "name")]),
        ({"X": "nobody", "Y": ""}, ["X", "Y"], [("X", None), ("Y", None)]),
        (None, ["FULL NAME", "x", "Name"], [("FULL NAME", "name"), ("x", None), ("Name", "name")]),
        (None, ["x", "y"], [("x", None), ("y", None)]),
    ],
)  # fmt: skip
def test_says_which_field_each_header_feeds(
    mapping: dict[str, object] | None, headers: list[str], by_header: list[tuple[str, str | None]]
) -> None:
    given = None if mapping is None else HeaderMapping.parse(mapping)
    assert list(match(FORM, given, headers).by_header) == by_header


@pytest.mark.parametrize(
    ("mapping", "headers"),
    [
        ({"Name": "name", "name": "mail", "Gone": "phone"}, ["name", "Name"]),
        ({"a": "name", "A ": "name", "b": "phone"}, ["A", "B", "c"]),
        (None, ["telephone", "Full-Name", "name", "MAIL"]),
    ],
)
def test_shows_what_is_bound(mapping: dict[str, object] | None, headers: list[str]) -> None:
    given = None if mapping is None else HeaderMapping.parse(mapping)
    shown = match(FORM, given, headers)
    bound = bind(FORM, match_headers(headers, FORM) if given is None else given, headers)
    assert sorted(pair for pair in shown.by_header if pair[1]) == sorted((b.header, b.field.key) for b in bound)
    assert {key for key, _ in shown.missing} == {field.key for field in FORM.fields} - {b.field.key for b in bound}


def test_names_the_nearest_free_header_of_each_field_without_a_column() -> None:
    headers = ["Nmae", "Email adress", "since (member)", "Shirt", "Phone number", "Name"]
    assert match(FORM, None, headers).missing == (
        ("mail", "Email adress"),
        ("phone", "Phone number"),
        ("member_since", "since (member)"),
    )
    assert match(FORM, HeaderMapping.parse({"Shirt": "mail"}), ["Shirt", "Q", ""]).missing == (
        ("name", None),
        ("phone", None),
        ("member_since", None),
    )


def test_the_first_of_equally_near_headers_is_named() -> None:
    assert match(FORM, HeaderMapping.parse({}), ["names", "name!", "NAME"]).missing[0] == ("name", "name!")


def test_a_label_of_two_fields_is_no_match() -> None:
    form = FormDefinition.parse(
        {"fields": [{"key": key, "type": "text", "label": "Phone"} for key in ("a", "b", "c1")]}
    )
    shown = match(form, None, ["phone", "C1"])
    assert shown.by_header == (("phone", None), ("C1", "c1"))
    assert shown.missing == (("a", "phone"), ("b", "phone"))


def test_wide_files_and_long_headers_are_soon_done() -> None:
    fields = [{"key": f"question_{n}_answer", "type": "text"} for n in range(300)]
    headers = [f"answer to question number {n}" for n in range(1_999)] + ["x" * 1_000_000]
    began = time.monotonic()
    shown = match(FormDefinition.parse({"fields": fields}), None, headers)
    assert len(shown.missing) == 300
    assert time.monotonic() - began < 20
