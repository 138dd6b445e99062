"""Form definitions: what is read, what is refused, and how the refusal reads."""

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import DataClassification, FieldType, FormDefinition


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
    assert (club.type, club.label, club.required, club.sensitive) == (FieldType.SELECT, "club", True, True)
    assert [(option.value, option.text, option.label) for option in club.options] == [(7, "7", "7"), ("b", "b", "Bee")]
    assert (club.rules, club.condition, club.always_required) == ((), None, True)
    assert (name.options, name.required, name.classification) == ((), False, DataClassification.NONE)


FIELD = {"key": "a", "type": "text"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "valid dictionary"),
        ({}, "fields: field required"),
        ({"fields": "x"}, "fields: "),
        ({"fields": [{"type": "text"}]}, "field number 1: key: field required"),
        ({"fields": [{"key": "", "type": "text"}]}, "field number 1: key: "),
        ({"fields": [{"key": "a"}]}, "field 'a': type: field required"),
        ({"fields": [{"key": "a", "type": "color"}]}, "field 'a': type: input should be 'text'"),
        ({"fields": [{"key": "a", "type": ["text"]}]}, "field 'a': type: "),
        ({"fields": [FIELD, FIELD]}, "the key 'a' belongs to 2 fields"),
        ({"fields": [{**FIELD, "required": "yes"}]}, "field 'a': required: "),
        ({"fields": [{**FIELD, "dataClassification": "secret"}]}, "field 'a': dataClassification: "),
        ({"fields": [{**FIELD, "key": "a\0"}]}, "field 'a\\x00': key: must not contain NUL"),
        ({"fields": [{**FIELD, "label": "\ud800"}]}, "field 'a': label: must not contain NUL or half"),
        ({"fields": [{"key": "a", "type": "select"}]}, "field 'a': has no options"),
        ({"fields": [{"key": "a", "type": "multiselect", "options": []}]}, "field 'a': has no options"),
        (
            {"fields": [{"key": "a", "type": "select", "options": [{"value": 1}, {"value": "1"}]}]},
            "field 'a': has two options with the value '1'",
        ),
        ({"fields": [{"key": "a", "type": "select", "options": [{"value": True}]}]}, "field 'a': options.0.value"),
        ({"fields": [{"key": "a", "type": "select", "options": [{"label": "x"}]}]}, "field 'a': options.0.value"),
        (
            {"fields": [{**FIELD, "conditional": {"field": "b", "operator": "equals", "value": 1}}]},
            "field 'a': its condition is on 'b', which is not a field",
        ),
        (
            {"fields": [{**FIELD, "conditional": {"field": "a", "operator": "matches", "value": 1}}]},
            "field 'a': conditional.operator: ",
        ),
        ({"fields": [{**FIELD, "validation": [{"value": 1}]}]}, "field 'a': validation.0.type: field required"),
    ],
)
def test_refuses_naming_the_field(document: object, sentence: str) -> None:
    with pytest.raises(JobFailed) as caught:
        FormDefinition.parse(document)

    assert caught.value.reason is FailureReason.INVALID_FORM_DEFINITION
    assert sentence in str(caught.value)
