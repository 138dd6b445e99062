"""What headers are called by, and what they name."""

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import FieldNames, columns_of, header_counter, letters_of, match_headers

FORM = FormDefinition.parse(
    {
        "fields": [
            {"key": "first_name", "type": "text", "label": "Prénom"},
            {"key": "mail", "type": "email", "label": "Contact"},
            {"key": "phone", "type": "phone", "label": "Contact"},
            {"key": "contact_2", "type": "text", "label": "first name"},
        ]
    }
)


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        ("First-Name", ["first_name"]),  # a key goes before a label
        ("PRENOM", []),
        ("pre\u0301nom", ["first_name"]),  # composed, it is the same letter
        ("contact", ["mail", "phone"]),
        ("Contact 2", ["contact_2"]),
        ("---", []),
        ("", []),
    ],
)
def test_fields_are_called_by_key_or_else_label(header: str, keys: list[str]) -> None:
    assert [field.key for field in FieldNames(FORM).called(header)] == keys


def test_letters_are_those_and_digits_in_lower_case() -> None:
    assert letters_of(" E-Mail (2)") == "email2"


def test_headers_map_themselves() -> None:
    mapping = match_headers(["MAIL", "no such", "first name", "first_name"], FORM)
    assert mapping.to_json() == {"MAIL": "mail", "first name": "first_name", "first_name": "first_name"}


@pytest.mark.parametrize(
    ("headers", "reason", "words"),
    [
        (["Contact"], FailureReason.INVALID_MAPPING, "'Contact' is the label of the fields 'mail' and 'phone'"),
        (["a", ""], FailureReason.MAPPED_HEADER_MISSING, "a field of the form (Prénom, Contact, Contact, first name)"),
    ],
)
def test_headers_that_do_not_are_refused(headers: list[str], reason: FailureReason, words: str) -> None:
    with pytest.raises(JobFailed) as failed:
        match_headers(headers, FORM)
    assert failed.value.reason == reason
    assert words in str(failed.value)


def test_a_record_is_known_for_a_header_by_what_is_expected() -> None:
    by_name = header_counter(FORM, None)
    assert by_name(["Prénom", "first_name", "x", "", "-"]) == 2
    by_mapping = header_counter(FORM, HeaderMapping.parse({"Name ": "first_name", "E": "mail"}))
    assert by_mapping([" name", "e", "first_name"]) == 2


def test_a_header_is_taken_to_the_letter_before_it_is_taken_loosely() -> None:
    mapping = HeaderMapping.parse(dict.fromkeys(("name", "NAME ", "gone", "Twice"), "mail"))
    assert columns_of(mapping, ["Name", "name", "twice", "TWICE"]) == {
        "name": (1,),
        "NAME ": (0, 1),
        "gone": (),
        "Twice": (2, 3),
    }
