"""Fields that several columns feed, or a column that the file lacks."""

import json

import polars as pl
import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.validator import Validated, Validator

TWO: dict[str, object] = {
    "A": {"field": "n", "date_formats": ["DD/MM/YYYY"]},
    "B": {"field": "n", "date_formats": ["MM/DD/YYYY"]},
}


def _several(
    kind: str, mapping: dict[str, object], headers: list[str], rows: list[list[str]], **extra: object
) -> Validated:
    form = FormDefinition.parse({"fields": [{"key": "n", "type": kind, **extra}]})
    validator = Validator(form, bind(form, HeaderMapping.parse(mapping), headers))
    cells = {f"c{n}": pl.Series([row[n] for row in rows], dtype=pl.String) for n in range(len(headers))}
    return validator.validate(pl.DataFrame({"row": pl.Series(range(1, len(rows) + 1), dtype=pl.Int64), **cells}))


def test_of_several_columns_the_last_that_is_not_empty_counts() -> None:
    rows = [["1", ""], ["", "2"], ["1", "2"], ["1", " "], ["", ""], ["x", "2"], ["1", "x"]]

    result = _several("number", {"B": "n", "A": "n"}, ["A", "B"], rows)

    assert result.payloads["payload"].to_list() == ['{"n":1}', '{"n":2}', '{"n":2}', '{"n":1}', "{}", '{"n":2}']
    assert result.errors.rows() == [(7, "n", "invalid_number", "Not a number", "x", "B")]


def test_each_column_is_read_by_its_own_entry_and_told_by_its_own_name() -> None:
    rows = [["13/02/2024", ""], ["", "02/13/2024"], ["13/02/2024", "13/02/2024"], ["02/13/2024", ""]]

    result = _several("date", TWO, ["A", "B"], rows)

    assert result.payloads["payload"].to_list() == ['{"n":"2024-02-13"}'] * 2
    assert result.errors.select("row", "error_message", "column").rows() == [
        (3, "No such date", "B"),
        (4, "No such date", "A"),
    ]


def test_a_default_stands_in_only_where_no_column_has_anything() -> None:
    mapping: dict[str, object] = {
        "A": {"field": "n", "default": "a"},
        "B": {"field": "n", "default": "b", "values": {"-": None, "": "never mind"}},
        "C": "n",
        "Gone": {"field": "n", "default": "gone"},
    }
    rows = [["x", "", ""], ["", "y", ""], ["", "-", ""], ["x", "-", " "], ["", "", ""]]

    result = _several("text", mapping, ["A", "B", "C"], rows)

    stored = [json.loads(payload)["n"] for payload in result.payloads["payload"]]
    assert stored == ["x", "y", "b", "x", "never mind"]


def test_required_and_rules_name_the_column_that_counts_or_the_last() -> None:
    rules = [{"type": "max_length", "value": 1}, {"type": "pattern", "value": "a"}]
    rows = [["bb", ""], ["", "bb"], [" ", "\t"], ["a", "bb"], ["bb", "a"]]

    result = _several("text", {"A": "n", "B": "n"}, ["A", "B"], rows, required=True, validation=rules)

    assert result.payloads["row"].to_list() == [5]
    assert result.errors.select("row", "error_type", "raw_value", "column").rows() == [
        (1, "validation", "bb", "A"),
        (1, "validation", "bb", "A"),
        (2, "validation", "bb", "B"),
        (2, "validation", "bb", "B"),
        (3, "required", "\t", "B"),
        (4, "validation", "bb", "B"),
        (4, "validation", "bb", "B"),
    ]


def test_a_column_that_the_file_lacks_is_full_of_empty_cells() -> None:
    mapping: dict[str, object] = {"A": "m", "Gone": {"field": "n", "default": "x"}}
    form = FormDefinition.parse({"fields": [{"key": "n", "type": "number"}, {"key": "m", "type": "text"}]})
    validator = Validator(form, bind(form, HeaderMapping.parse(mapping), ["A"]))

    result = validator.validate(pl.DataFrame({"row": [1, 2], "c0": ["a", "b"]}))

    assert validator.columns == (0,)
    assert result.errors.rows() == [(n, "n", "invalid_number", "Not a number", "", None) for n in (1, 2)]
    mapping["Gone"] = {"field": "n", "default": "7"}
    result = Validator(form, bind(form, HeaderMapping.parse(mapping), ["A"])).validate(
        pl.DataFrame({"row": [1], "c0": ["a"]})
    )
    assert result.payloads["payload"].to_list() == ['{"m":"a","n":7}']


@pytest.mark.parametrize("first", [{"field": "n", "normalize": "phone"}, "n"])
def test_columns_of_one_field_escape_alike(first: object) -> None:
    mapping: dict[str, object] = {"A": first, "B": "n"}
    rows = [["+1 604 555 0123", ""], ["", "604 555 0123\tx5"]]
    result = _several("phone", mapping, ["A", "B"], rows)
    assert [json.loads(payload)["n"][-2:] for payload in result.payloads["payload"]] == ["23", "x5"]


def test_many_columns_of_one_field() -> None:
    headers = [f"H{n}" for n in range(300)]
    rows = [["1" if n == row else "" for n in range(300)] for row in range(300)]
    result = _several("number", dict.fromkeys(headers, "n"), headers, [*rows, ["x"] * 300])
    assert result.payloads["payload"].to_list() == ['{"n":1}'] * 300
    assert result.errors.select("row", "column").rows() == [(301, "H299")]
