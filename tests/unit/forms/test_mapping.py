"""Mappings: parsed, matched to headers, bound to a form, and written back."""

import json

import pytest

from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import match_headers
from import_worker.forms.joining import bind

FORM = FormDefinition.parse(
    {
        "fields": [
            {"key": "first_name", "type": "text", "label": "Given name", "required": True},
            {"key": "email", "type": "email", "label": "E-mail"},
            {"key": "prenom", "type": "text", "label": "Prénom d'usage"},
            {"key": "photo", "type": "file"},
        ]
    }
)

FULL = {
    "field": "email",
    "date_formats": ["MM/DD/YYYY", "%d %b %Y"],
    "values": {"M": "male", "yes": True, "n": None, "x": 2.5},
    "default": 23,
    "case": "title",
    "normalize": "postal_code",
    "separator": ";",
}


def test_scalars_become_cells_and_ignored_headers_go() -> None:
    mapping = HeaderMapping.parse(
        {
            "A": FULL,
            "B": "first_name",
            "C": "",
            "D": None,
            "E": {"field": "", "case": "camel"},
            "F": {"field": None, "colour": 1},
        }
    )

    assert list(mapping.entries) == ["A", "B"]
    target = mapping.entries["A"]
    assert target.values == (("M", "male"), ("yes", "true"), ("n", None), ("x", "2.5"))
    assert target.default == "23"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"A": "email"},
        {"A": FULL, "B": {"field": "first_name", "default": ""}},
        {"A": {"field": "email", "values": {"AB": "1", "ab": "2"}}},
        {"A": {"field": "email", "case": None, "values": None, "date_formats": None}},
    ],
)
def test_json_round_trip_survives_reordered_keys(document: dict[str, object]) -> None:
    mapping = HeaderMapping.parse(document)

    stored = json.loads(json.dumps(mapping.to_json(), sort_keys=True))

    assert HeaderMapping.parse(stored).to_json() == mapping.to_json()
    order_matters = [("AB", "1"), ("ab", "2")]
    for header, target in HeaderMapping.parse(stored).entries.items():
        assert sorted(target.values, key=str) == sorted(mapping.entries[header].values, key=str)
        assert list(target.values) == order_matters or ("AB", "1") not in target.values


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (["A"], "must be a JSON object"),
        (None, "must be a JSON object"),
        ({"A": 5}, "header 'A'"),
        ({"A": {}}, "header 'A': field: Field required"),
        ({"A": {"field": "email", "colour": 1}}, "header 'A': colour: Extra inputs are not permitted"),
        ({"A": {"field": "email", "case": "camel"}}, "header 'A': case: "),
        ({"A": {"field": "email", "normalize": "zip"}}, "header 'A': normalize: "),
        ({"A": {"field": "email", "separator": ""}}, "header 'A': separator: "),
        ({"A": {"field": "email", "values": ["M"]}}, "header 'A': values"),
        ({"A": {"field": "email", "values": {"M": ["x"]}}}, "header 'A': values"),
        ({"A": {"field": "email", "default": {"x": 1}}}, "header 'A': default"),
        ({"A": {"field": "email", "default": float("nan")}}, "header 'A': default"),
        ({"A": {"field": "email", "date_formats": "MM/DD/YYYY"}}, "header 'A': date_formats"),
        ({"A": {"field": "email", "date_formats": ["MM/YYYY"]}}, "the date format 'MM/YYYY' needs a day"),
        ({"A": {"field": "email", "date_formats": ["%Y-%q-%d"]}}, "has the unknown part '%q'"),
    ],
)
def test_refuses_naming_the_header(document: object, sentence: str) -> None:
    with pytest.raises(JobFailed) as caught:
        HeaderMapping.parse(document)

    assert caught.value.reason is FailureReason.INVALID_MAPPING
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["first_name"], {"first_name": "first_name"}),
        (["FIRST NAME!", "eMail", "other", ""], {"FIRST NAME!": "first_name", "eMail": "email"}),
        (["Given-Name"], {"Given-Name": "first_name"}),
        (["Pre\u0301nom d\u2019usage"], {"Pre\u0301nom d\u2019usage": "prenom"}),
        (["Given name", "first name"], {"Given name": "first_name", "first name": "first_name"}),
    ],
)
def test_matches_headers_to_keys_and_labels(headers: list[str], fields: dict[str, str]) -> None:
    mapping = match_headers(headers, FORM)

    assert {header: target.field for header, target in mapping.entries.items()} == fields


def test_matching_nothing_is_a_missing_header() -> None:
    with pytest.raises(JobFailed, match="Given name") as caught:
        match_headers(["x", "#"], FORM)
    assert caught.value.reason is FailureReason.MAPPED_HEADER_MISSING


def test_a_label_of_two_fields_is_ambiguous() -> None:
    form = FormDefinition.parse({"fields": [{"key": k, "type": "text", "label": "Phone"} for k in "ab"]})
    with pytest.raises(JobFailed, match="'a' and 'b'") as caught:
        match_headers(["phone"], form)
    assert caught.value.reason is FailureReason.INVALID_MAPPING


def test_binds_in_the_forms_order_by_exact_then_loose_header() -> None:
    mapping = HeaderMapping.parse({" email ": "email", "Name": "first_name"})

    bindings = bind(FORM, mapping, ["unused", "unused", "EMAIL", "name", "Name"])

    assert [(b.field.key, b.column, b.header) for b in bindings] == [("first_name", 4, "Name"), ("email", 2, "EMAIL")]


@pytest.mark.parametrize(
    ("mapping", "headers", "reason"),
    [
        ({"A": "first_name"}, ["B"], FailureReason.MAPPED_HEADER_MISSING),
        ({"A": "first_name"}, ["A", "A"], FailureReason.DUPLICATE_HEADER),
        ({"a": "first_name"}, ["A", "A "], FailureReason.DUPLICATE_HEADER),
        ({"A": "first_name", "B": "nobody"}, ["A", "B"], FailureReason.UNKNOWN_MAPPED_FIELD),
        ({"A": "first_name", "Gone": "nobody"}, ["A"], FailureReason.UNKNOWN_MAPPED_FIELD),
        ({"A": "email", "Gone": "first_name", "Lost": "first_name"}, ["A"], FailureReason.MAPPED_HEADER_MISSING),
        ({"A": "first_name", "X": "email"}, ["A", "X", "X"], FailureReason.DUPLICATE_HEADER),
        ({"Gone": "email"}, ["A"], FailureReason.MAPPED_HEADER_MISSING),
        ({"A": "email"}, ["A"], FailureReason.REQUIRED_FIELD_NOT_MAPPED),
        ({}, ["A"], FailureReason.REQUIRED_FIELD_NOT_MAPPED),
    ],
)
def test_refuses_to_bind(mapping: dict[str, object], headers: list[str], reason: FailureReason) -> None:
    with pytest.raises(JobFailed) as caught:
        bind(FORM, HeaderMapping.parse(mapping), headers)
    assert caught.value.reason is reason


def test_several_headers_may_feed_one_field_in_the_order_of_the_file() -> None:
    mapping = HeaderMapping.parse(
        {"A": "first_name", "b": {"field": "first_name", "case": "upper"}, "Gone": "first_name"}
    )

    bindings = bind(FORM, mapping, ["B", "unused", "A"])

    assert [(b.column, b.header, b.mapped_header, b.entry.case) for b in bindings] == [
        (0, "B", "b", "upper"),
        (2, "A", "A", None),
    ]


def test_of_two_entries_that_mean_one_column_the_one_to_the_letter_counts() -> None:
    for document in ({"NAME": "first_name", "name": {"field": "first_name", "case": "upper"}}, {"name": "first_name"}):
        (binding,) = bind(FORM, HeaderMapping.parse(document), ["name"])
        assert binding.mapped_header == "name"
    (binding,) = bind(FORM, HeaderMapping.parse({"NAME": "first_name", "Name": "first_name"}), ["name"])
    assert binding.mapped_header == "NAME"


def test_a_column_that_the_file_lacks_is_bound_where_it_has_something_for_empty_cells() -> None:
    entries: dict[str, object] = {
        "Lost": {"field": "email", "default": "x@example.org"},
        "Gone": {"field": "email", "values": {" ": "y@example.org"}},
        "Nothing": {"field": "email", "default": " ", "values": {"a": "b"}},
    }

    bindings = bind(FORM, HeaderMapping.parse({"A": "first_name", "Mail": "email", **entries}), ["Mail", "A"])

    assert [(b.field.key, b.column, b.header, b.mapped_header) for b in bindings] == [
        ("first_name", 1, "A", "A"),
        ("email", None, None, "Gone"),
        ("email", None, None, "Lost"),
        ("email", 0, "Mail", "Mail"),
    ]


@pytest.mark.parametrize(
    "mapping", [{"A": "first_name"}, {"A": "first_name", "X": ""}, {"A": "first_name", "x ": None}]
)
def test_a_doubled_header_is_nothing_to_a_mapping_without_it(mapping: dict[str, object]) -> None:
    assert len(bind(FORM, HeaderMapping.parse(mapping), ["A", "X", "X", ""])) == 1


def test_headers_that_match_one_field_by_themselves_both_feed_it() -> None:
    headers = ["E-mail", "first name", "Given Name"]
    bindings = bind(FORM, match_headers(headers, FORM), headers)
    assert [(b.field.key, b.column) for b in bindings] == [("first_name", 1), ("first_name", 2), ("email", 0)]


def test_a_doubled_header_that_matches_by_itself_is_mapped() -> None:
    headers = ["first name", "first name"]
    with pytest.raises(JobFailed) as caught:
        bind(FORM, match_headers(headers, FORM), headers)
    assert caught.value.reason is FailureReason.DUPLICATE_HEADER


CONDITION = {"field": "a", "operator": "equals", "value": "x"}


@pytest.mark.parametrize(("extra", "refused"), [({}, True), ({"conditional": CONDITION}, False)])
def test_a_required_file_field_must_be_mapped_unless_conditional(extra: dict[str, object], *, refused: bool) -> None:
    fields = [{"key": "a", "type": "text"}, {"key": "p", "type": "file", "required": True, **extra}]
    form = FormDefinition.parse({"fields": fields})
    if not refused:
        assert len(bind(form, HeaderMapping.parse({"a": "a"}), ["a"])) == 1
        return
    with pytest.raises(JobFailed) as caught:
        bind(form, HeaderMapping.parse({"a": "a"}), ["a"])
    assert caught.value.reason is FailureReason.REQUIRED_FIELD_NOT_MAPPED
