"""Forms and mappings as the host's builder and wizard make them, through the command line: what is void costs nothing,
and what counts counts as it does in the host."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from tests.corpus.file_case import FileCase, RowError, text
from tests.support.file_importer import FileImporter

NAME = {"key": "name", "type": "text", "label": "Name", "required": True, "dataClassification": "none"}
TEXT_X = {"key": "x", "type": "text", "label": "X", "required": False, "dataClassification": "none"}
MAPPING = {"Name": "name", "X": "x"}
FILE = "Name,X\nAda,1\nBo,2\n"
BOTH = ({"name": "Ada", "x": "1"}, {"name": "Bo", "x": "2"})
ON_NOTHING = {"field": "gone", "operator": "equals", "value": "1"}


class Form(NamedTuple):
    """``fields``: those after ``name`` and, if ``x`` is not among them, ``x``."""

    name: str
    fields: Sequence[Mapping[str, Any]]
    payloads: Sequence[Mapping[str, Any]] = BOTH


def _x(**more: object) -> dict[str, object]:
    return {**TEXT_X, **more}


def _other(**more: object) -> dict[str, object]:
    return {"key": "other", "type": "text", "label": "Other", "required": False, **more}


NUMBERS = ({"name": "Ada", "x": 1}, {"name": "Bo", "x": 2})
OPTIONS = [{"value": "1", "label": "1"}, {"value": "1", "label": "1"}, {"value": "2", "label": "2"}]

FORMS = [
    Form("a condition on a field that was deleted", [_x(conditional=ON_NOTHING)]),
    Form("the same, required", [_x(), _other(required=True, conditional=ON_NOTHING)]),
    Form("the same with a rule", [_x(conditional=ON_NOTHING, validation=[{"type": "pattern", "value": "("}])]),
    Form("a select with an option twice", [_x(type="select", options=OPTIONS)]),
    Form("a multiselect without options that nothing maps", [_x(), _other(type="multiselect")]),
    Form("a select with no options that nothing maps", [_x(), _other(type="select", options=[])]),
    Form("a rule whose value is empty", [_x(type="number", validation=[{"type": "min", "value": ""}])], NUMBERS),
    Form("a rule whose value is null", [_x(validation=[{"type": "max_length", "value": None, "message": "No"}])]),
    Form("a rule without a value", [_x(validation=[{"type": "pattern", "message": "No"}])]),
    Form("a pattern on a number", [_x(type="number", validation=[{"type": "pattern", "value": "^x$"}])], NUMBERS),
    Form("a field of a type that is not ours", [_x(), _other(type="signature")]),
    Form("a rule that cannot be used on a field that nothing maps", [_x(), _other(validation=[{"type": "min"}, 5])]),
    Form("two fields with one key that nothing maps", [_x(), _other(), _other(type="date")]),
    Form(
        "required under a condition that does not hold, and nothing maps it",
        [_x(), _other(type="signature", required=True, conditional={"field": "x", "operator": "equals", "value": "3"})],
    ),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_is_void_costs_nothing(form: Form, desk: FileImporter) -> None:
    imported = desk.import_file(FileCase("", text(FILE), mapping=MAPPING, fields=[NAME, *form.fields]))
    assert (imported.result.code, imported.result.err) == (0, "")
    assert imported.errors == []
    assert imported.payloads == list(form.payloads)


def test_minimum_and_maximum_of_a_date_say_nothing(desk: FileImporter) -> None:
    rules = [{"type": "min", "value": "2024-01-01"}, {"type": "max", "value": "soon"}]
    case = FileCase(
        "", text("Name,X\nAda,1990-12-10\n"), mapping=MAPPING, fields=[NAME, _x(type="date", validation=rules)]
    )
    assert desk.import_file(case).payloads == [{"name": "Ada", "x": "1990-12-10"}]


@pytest.mark.parametrize(
    ("fields", "reason", "says"),
    [
        ([_x(type="multiselect")], "invalid_form_definition", "field 'x': has no options; add some to the form"),
        ([_x(type="signature")], "invalid_form_definition", "field 'x': type: "),
        ([_x(), _x(type="date")], "invalid_form_definition", "the key 'x' belongs to 2 fields"),
        ([_x(type="number", validation=[{"type": "min", "value": "x"}])], "invalid_form_definition", "rule min"),
        ([_x(), _other(type="signature", required=True)], "required_field_not_mapped", "'other' (Other) is required"),
    ],
)
def test_what_the_mapping_needs_is_refused_before_a_row_is_read(
    fields: Sequence[Mapping[str, Any]], reason: str, says: str, desk: FileImporter
) -> None:
    found = desk.refusal(FileCase("", text(FILE), mapping=MAPPING, fields=[NAME, *fields]))
    assert found[0] == reason
    assert says in found[1]


GREATER: list[dict[str, Any]] = [
    {"key": "teams", "type": "select", "options": [{"value": text, "label": text} for text in ("1", "2", "10")]},
    {
        "key": "reason",
        "type": "text",
        "required": True,
        "conditional": {"field": "teams", "operator": "greater_than", "value": "5"},
    },
]


@pytest.mark.parametrize("kind", ["select", "text", "multiselect", "number"])
def test_greater_than_compares_as_numbers_whatever_the_type(kind: str, desk: FileImporter) -> None:
    fields = [{**GREATER[0], "type": kind}, GREATER[1]]
    imported = desk.import_file(FileCase("", text("teams,reason\n10,\n2,\n10,many\n"), fields=fields))
    assert imported.errors == [RowError(1, 2, "reason", "required", "")]
    assert [payload.get("reason") for payload in imported.payloads] == [None, "many"]


RICH: list[dict[str, Any]] = [
    {"key": "id", "type": "text", "label": "id", "required": True},
    {"key": "notes", "type": "rich_text", "label": "notes", "required": True},
]
LINK = '<a target="_blank" rel="noopener noreferrer">{}</a>'


def test_rich_text(desk: FileImporter) -> None:
    rows = [
        *("1,&nbsp;", "2,<option>o</option>", '3,"<a href=""/help"">x</a>"', "4,<textarea>t</textarea>z"),
        *('5,"<a href=""//e.org/x"">y</a>"', "6,<p><br></p>", "7,<img src=x>", "8,<!-- c -->", "9,<p>\u200b</p>"),
    ]
    imported = desk.import_file(FileCase("", text("id,notes\n" + "\n".join(rows) + "\n"), fields=RICH))
    raw = {int(row.split(",", 1)[0]): row.split(",", 1)[1] for row in rows}
    assert imported.errors == [RowError(n, n + 1, "notes", "required", raw[n]) for n in (1, 2, 6, 7, 8, 9)]
    assert imported.payloads == [
        {"id": "3", "notes": LINK.format("x")},
        {"id": "4", "notes": "z"},
        {"id": "5", "notes": LINK.format("y")},
    ]


def test_of_two_headers_of_one_field_the_last_that_is_not_empty_counts(desk: FileImporter) -> None:
    data = "Y,Name,X\n,Ada,1\n2,Bo,\n2,Cy,1\n,Di,\n"
    imported = desk.import_file(FileCase("", text(data), mapping={**MAPPING, "Y": "x"}, fields=[NAME, TEXT_X]))
    assert [payload.get("x") for payload in imported.payloads] == ["1", "2", "1", None]


def test_errors_of_a_field_with_two_columns_name_the_one_that_counts(desk: FileImporter) -> None:
    data = "Name,X,Y\nAda,a,\nBo,1,b\nCy,,c\nDi,d,4\n"
    fields = [NAME, _x(type="number")]
    imported = desk.import_file(FileCase("", text(data), mapping={**MAPPING, "Y": "x"}, fields=fields))
    document = desk.run("errors", imported.job_id, "--json").json
    assert [(row["rowNumber"], row["column"], row["rawValue"]) for row in document["errors"]] == [
        (1, "X", "a"),
        (2, "Y", "b"),
        (3, "Y", "c"),
    ]
    assert imported.payloads == [{"name": "Di", "x": 4}]
    assert ":".join(desk.host.read(f"imports/{imported.job_id}/rejected.csv").split()).count("Y:") == 2


def test_each_of_two_columns_of_a_field_has_its_own_suggestion(desk: FileImporter) -> None:
    days = ("13/02/2024", "14/02/2024", "15/02/2024", "16/02/2024")
    rows = [f"a,{day},\n" for day in days] + [f"b,,{day[3:6]}{day[:3]}{day[6:]}\n" for day in days]
    mapping = {"Name": "name", " x": {"field": "x", "case": "upper"}, "Y": "x"}
    case = FileCase("", text("Name,X,Y\n" + "".join(rows)), mapping=mapping, fields=[NAME, _x(type="date")])
    document = desk.run("errors", desk.import_file(case).job_id, "--json").json

    assert [(each["column"], each["errors"]) for each in document["suggestions"]] == [("X", 4), ("Y", 4)]
    assert document["suggestedMapping"] == {
        "Name": "name",
        " x": {"field": "x", "case": "upper", "date_formats": ["DD/MM/YYYY"]},
        "Y": {"field": "x", "date_formats": ["MM/DD/YYYY"]},
    }
    again = desk.import_file(FileCase("", case.make, mapping=document["suggestedMapping"], fields=case.fields))
    assert [payload["x"] for payload in again.payloads] == [f"2024-02-{n}" for n in (13, 14, 15, 16)] * 2


def test_a_header_that_this_months_file_has_not_got_is_an_empty_column(desk: FileImporter) -> None:
    fields: list[Mapping[str, Any]] = [NAME, TEXT_X, _other(), {"key": "land", "type": "text"}]
    mapping = {**MAPPING, "Last month": "other", "Family name": "name", "Land": {"field": "land", "default": "CA"}}
    imported = desk.import_file(FileCase("", text(FILE), mapping=mapping, fields=fields))
    assert imported.payloads == [{**row, "land": "CA"} for row in BOTH]


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"Full name": "name", "X": "x"}, "The field 'name' (Name) is required, and 'Full name' is not in the file"),
        ({"A": "x", "B": "x"}, "None of the headers that the mapping names ('A', 'B') is in the file"),
    ],
)
def test_a_header_that_is_needed_must_be_there(mapping: dict[str, str], says: str, desk: FileImporter) -> None:
    reason, sentence = desk.refusal(FileCase("", text(FILE), mapping=mapping, fields=[NAME, TEXT_X]))
    assert reason == "mapped_header_missing"
    assert says in sentence


DOUBLED = "Name,X,X\nAda,1,9\nBo,2,8\n"


def test_a_doubled_header_is_refused_where_it_is_mapped_and_nowhere_else(desk: FileImporter) -> None:
    fields = [NAME, TEXT_X]
    imported = desk.import_file(FileCase("", text(DOUBLED), mapping={"Name": "name"}, fields=fields))
    assert imported.payloads == [{"name": "Ada"}, {"name": "Bo"}]
    for mapping in (MAPPING, None):
        reason, _ = desk.refusal(FileCase("", text(DOUBLED), mapping=mapping, fields=fields))
        assert reason == "duplicate_header"


def test_submit_shows_the_match_that_is_imported_by(desk: FileImporter) -> None:
    case = FileCase("", text("name,Name\nlower,Upper\n"), mapping={"Name": "name"}, fields=[NAME])
    submitted = desk.submit(case)
    assert submitted.json["mapping"] == {"name": None, "Name": "name"}, json.dumps(submitted.json)
    assert desk.import_file(case).payloads == [{"name": "Upper"}]
