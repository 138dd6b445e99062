"""Form definitions: what is read, what is refused, and how the refusal reads."""

import polars as pl
import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.field import DataClassification
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.types.registry import FIELD_TYPES
from import_worker.forms.validator import Validator


def test_reads_fields_and_ignores_other_keys() -> None:
    form = FormDefinition.parse(
        {
            "title": "ignored",
            "fields": [
                {
                    "key": "club",
                    "type": "select",
                    "label": None,
                    "required": True,
                    "helpText": "ignored",
                    "options": [{"value": 7}, {"value": "b", "label": "Bee", "color": "red"}],
                    "validation": None,
                    "dataClassification": "sensitive",
                    "rules": "not ours",
                },
                {"key": "name", "type": "text", "options": "nonsense that no text field reads"},
            ],
        }
    )

    club, name = form.fields
    assert (club.type, club.label, club.required, club.sensitive) == (FIELD_TYPES["select"], "club", True, True)
    assert [(option.value, option.text, option.label) for option in club.options] == [(7, "7", "7"), ("b", "b", "Bee")]
    assert (club.rules, club.condition, club.always_required) == ((), None, True)
    assert (name.options, name.required, name.classification) == ((), False, DataClassification.NONE)


FIELD = {"key": "a", "type": "text"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "it must be a JSON object with a list of fields"),
        ({}, "it must be a JSON object with a list of fields"),
        ({"fields": "x"}, "it must be a JSON object with a list of fields"),
        ({"fields": [{"type": "text"}]}, "field number 1 has no key"),
        ({"fields": [FIELD, {"key": "", "type": "text"}]}, "field number 2 has no key"),
        ({"fields": [{"key": 5, "type": "text"}]}, "field number 1 has no key"),
        ({"fields": ["a"]}, "field number 1 has no key"),
        ({"fields": [{**FIELD, "key": "a\0"}]}, "field 'a\\x00': key: must not contain NUL"),
        ({"fields": [{**FIELD, "label": "\ud800"}]}, "field 'a': label: must not contain NUL or half"),
        ({"fields": [{**FIELD, "help": [{"x": "\0"}]}]}, "field 'a': help.0.x: must not contain NUL"),
        ({"fields": [{**FIELD, "help": {"\0": 1}}]}, "field 'a': help: its keys must not contain NUL"),
        ({"fields": [], "version": float("nan")}, "version: must be a finite number"),
    ],
)
def test_refuses_what_is_no_form(document: object, sentence: str) -> None:
    with pytest.raises(JobFailed) as caught:
        FormDefinition.parse(document)

    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"fields": [{"key": "a"}]}, "field 'a': type: field required"),
        ({"fields": [{"key": "a", "type": "color"}]}, "field 'a': type: input should be 'text'"),
        ({"fields": [{"key": "a", "type": ["text"]}]}, "field 'a': type: "),
        ({"fields": [FIELD, FIELD]}, "the key 'a' belongs to 2 fields"),
        ({"fields": [{**FIELD, "required": "yes"}]}, "field 'a': required: "),
        ({"fields": [{**FIELD, "dataClassification": "secret"}]}, "field 'a': dataClassification: "),
        ({"fields": [{**FIELD, "label": 5}]}, "field 'a': label: "),
        ({"fields": [{"key": "a", "type": "select"}]}, "field 'a': has no options"),
        ({"fields": [{"key": "a", "type": "multiselect", "options": []}]}, "field 'a': has no options"),
        ({"fields": [{"key": "a", "type": "select", "options": [{"value": True}]}]}, "field 'a': options.0.value"),
        ({"fields": [{"key": "a", "type": "select", "options": [{"label": "x"}]}]}, "field 'a': options.0.value"),
        ({"fields": [{**FIELD, "validation": [{"value": 1}]}]}, "field 'a': validation.0.type: field required"),
    ],
)
def test_a_defect_matters_to_a_header_only(document: dict[str, list[dict[str, object]]], sentence: str) -> None:
    document = {"fields": [*document["fields"], {"key": "other", "type": "text"}]}
    form = FormDefinition.parse(document)
    assert [field.key for field in form.fields] == ["a", "other"]
    assert sentence in form.defects["a"]

    assert len(bind(form, HeaderMapping.parse({"Other": "other", "Gone": "a"}), ["Other"])) == 1
    with pytest.raises(JobFailed) as caught:
        bind(form, HeaderMapping.parse({"Other": "other", "A": "a"}), ["Other", "A"])
    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION
    assert sentence in str(caught.value)


def test_a_field_with_a_defect_is_required_all_the_same() -> None:
    unconditional = {"key": "a", "type": "signature", "label": "Sign here", "required": True}
    conditional = {**unconditional, "conditional": {"field": "b", "operator": "equals", "value": "x"}}
    other = {"key": "b", "type": "text"}

    with pytest.raises(JobFailed, match="Sign here") as caught:
        bind(FormDefinition.parse({"fields": [unconditional, other]}), HeaderMapping.parse({"B": "b"}), ["B"])
    assert caught.value.reason is FailureReason.REQUIRED_FIELD_NOT_MAPPED

    form = FormDefinition.parse({"fields": [conditional, other]})
    validator = Validator(form, bind(form, HeaderMapping.parse({"B": "b"}), ["B"]))
    result = validator.validate(pl.DataFrame({"row": [1, 2], "c0": ["x", "y"]}))
    assert result.errors.select("row", "field_key", "error_type").rows() == [(1, "a", "required")]
    assert result.payloads["row"].to_list() == [2]


def test_the_first_of_two_options_with_one_value_counts() -> None:
    doubles = [{"value": 1, "label": "One"}, {"value": "1", "label": "Uno"}, {"value": 2}, {"value": 1, "label": "One"}]
    form = FormDefinition.parse({"fields": [{"key": "a", "type": "select", "options": doubles}]})
    assert [(option.value, option.label) for option in form.fields[0].options] == [(1, "One"), (1, "Uno"), (2, "2")]
