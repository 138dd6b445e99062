"""Whole frames: payloads, the error frame, and the promises around them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.validator import Validated, Validator

Run = Callable[..., Validated]
ERRORS = {
    "row": pl.Int64,
    "field_key": pl.String,
    "error_type": pl.String,
    "error_message": pl.String,
    "raw_value": pl.String,
    "column": pl.String,
}


def test_orders_errors_by_row_field_and_rule(run: Run) -> None:
    rules = [{"type": "min_length", "value": 5}, {"type": "pattern", "value": "z", "message": "No z"}]
    fields = [
        {"key": "n", "type": "number"},
        {"key": "t", "type": "text", "required": True, "validation": rules},
        {"key": "unmapped", "type": "text"},
    ]

    result = run(fields, [["x", "ab", ""], ["1", "zebra", ""], ["y", "", ""]], {"t": "t", "n": "n"})

    assert result.payloads.rows() == [(2, '{"n":1,"t":"zebra"}')]
    assert result.errors.rows() == [
        (1, "n", "invalid_number", "Not a number", "x", "n"),
        (1, "t", "validation", "Must have at least 5 characters", "ab", "t"),
        (1, "t", "validation", "No z", "ab", "t"),
        (3, "n", "invalid_number", "Not a number", "y", "n"),
        (3, "t", "required", "Missing required field", "", "t"),
    ]
    assert dict(result.errors.schema) == ERRORS


def test_rows_keep_their_numbers_and_order() -> None:
    form = FormDefinition.parse({"fields": [{"key": "n", "type": "number"}]})
    validator = Validator(form, bind(form, HeaderMapping.parse({"N": "n"}), ["x", "y", "N"]))
    frame = pl.DataFrame({"row": [7, 3, 9], "c2": ["x", "2", "y"]}, schema={"row": pl.Int64, "c2": pl.String})

    result = validator.validate(frame)

    assert validator.columns == (2,)
    assert result.payloads.rows() == [(3, '{"n":2}')]
    assert result.errors["row"].to_list() == [7, 9]


@pytest.mark.parametrize("mapping", [{}, {"a": "a"}])
def test_an_empty_frame(run: Run, mapping: dict[str, object]) -> None:
    rules = [{"type": "pattern", "value": "(?=x)"}, {"type": "min_length", "value": 1}]
    fields = [{"key": "a", "type": "text", "validation": rules}]

    result = run(fields, [], mapping)

    assert dict(result.payloads.schema) == {"row": pl.Int64, "payload": pl.String}
    assert dict(result.errors.schema) == ERRORS
    assert len(result.payloads) == len(result.errors) == 0


def test_a_mapping_of_nothing_stores_nothing(run: Run) -> None:
    result = run([{"key": "a", "type": "text"}], [["x"], ["y"]], {})
    assert result.payloads.rows() == [(1, "{}"), (2, "{}")]


def test_one_column_may_feed_two_fields() -> None:
    form = FormDefinition.parse({"fields": [{"key": "a", "type": "text"}, {"key": "b", "type": "number"}]})
    validator = Validator(form, bind(form, HeaderMapping.parse({"H": "a", "h": "b"}), ["H"]))
    result = validator.validate(pl.DataFrame({"row": [1], "c0": ["05"]}))
    assert result.payloads["payload"].item() == '{"a":"05","b":5}'


@pytest.mark.parametrize("key", ['q"uote', "^.*$", "*", "row", "c0", "é\n", "{}", " ", "f0"])
def test_any_key_is_a_key(run: Run, key: str) -> None:
    fields = [
        {"key": key, "type": "text", "validation": [{"type": "max_length", "value": 1}]},
        {"key": "x", "type": "text"},
    ]

    result = run(fields, [["a", "b"], ["ab", "b"]])

    assert [json.loads(payload) for payload in result.payloads["payload"]] == [{key: "a", "x": "b"}]
    assert result.errors["field_key"].to_list() == [key]


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "b", "c"]],
        [["", "b", "c"], ["a", "b", ""], ["", "b", ""]],
        [["a", "", ""], ["", "b", ""], ["", "", "c"], ["", "", ""]],
        [["", "", "c"], ["", "", "d"]],
        [["a", "", ""], ["b", "", "c"]],
    ],
)
def test_payloads_hold_what_is_there(run: Run, rows: list[list[str]]) -> None:
    result = run([{"key": key, "type": "text"} for key in "abc"], rows)
    expected = [json.dumps({k: v for k, v in zip("abc", row, strict=True) if v}, separators=(",", ":")) for row in rows]
    assert result.payloads["payload"].to_list() == expected


def test_strings_escape_what_json_demands_and_no_more(run: Run) -> None:
    text = "".join(map(chr, range(1, 0x21))) + "\"\\/\x7f\x85é\u2028😀<>&'{}"

    payload = run([{"key": "t", "type": "text"}], [[text], ["plain"]]).payloads["payload"].to_list()

    assert payload == [json.dumps({"t": text}, ensure_ascii=False, separators=(",", ":")), '{"t":"plain"}']


@pytest.mark.parametrize(
    ("classification", "cell", "raw"),
    [
        ("none", "x" * 1_000, "x" * 1_000),
        ("none", "é" * 1_001, "é" * 999 + "…"),
        ("personal", " as is ", " as is "),
        ("sensitive", "secret", "***"),
        ("sensitive", "x" * 1_001, "***"),
        ("sensitive", " ", " "),
    ],
)
def test_raw_values(run: Run, classification: str, cell: str, raw: str) -> None:
    rule = {"type": "pattern", "value": "^never$"}
    field = {"key": "t", "type": "text", "required": True, "validation": [rule], "dataClassification": classification}
    assert run([field], [[cell]]).errors["raw_value"].to_list() == [raw]


def test_raw_values_are_the_files_not_the_mappings(run: Run) -> None:
    mapping = {"n": {"field": "n", "values": {"a": "b"}, "default": "c"}}
    assert run([{"key": "n", "type": "number"}], [["a"], [" "]], mapping).errors["raw_value"].to_list() == ["a", " "]


@pytest.mark.parametrize(("mapping", "sensitive"), [({"a": "a"}, False), ({"b": "b"}, True)])
def test_knows_whether_a_mapped_field_is_sensitive(mapping: dict[str, object], *, sensitive: bool) -> None:
    fields = [{"key": "a", "type": "text"}, {"key": "b", "type": "text", "dataClassification": "sensitive"}]
    form = FormDefinition.parse({"fields": fields})
    assert Validator(form, bind(form, HeaderMapping.parse(mapping), ["a", "b"])).sensitive is sensitive


@pytest.mark.parametrize(("cell", "good"), [("yes", True), ("no", False), ("", False)])
def test_a_required_checkbox_must_be_true(run: Run, cell: str, *, good: bool) -> None:
    result = run([{"key": "ok", "type": "checkbox", "required": True}], [[cell]])
    assert result.errors["error_type"].to_list() == ([] if good else ["required"])


def test_many_cells_mix_quick_and_careful_ways(run: Run) -> None:
    fields = [
        {"key": "n", "type": "number"},
        {"key": "d", "type": "date"},
        {"key": "s", "type": "select", "options": [{"value": "a"}, {"value": "b"}]},
        {"key": "m", "type": "multiselect", "options": [{"value": "a"}, {"value": "b"}]},
        {"key": "r", "type": "rich_text"},
    ]
    good = [["1", "2024-01-01", "a", "a,b", "x"], ["+1", "2024-01-31", "A", "A, B", "x&y"]]
    bad = ["x", "2024-01-32", "c", "a,c", " "]

    result = run(fields, [[*good[n % 2]] if n % 3 else bad for n in range(600)])

    quick = '{"d":"2024-01-01","m":["a","b"],"n":1,"r":"x","s":"a"}'
    careful = '{"d":"2024-01-31","m":["a","b"],"n":1,"r":"x&amp;y","s":"a"}'
    assert result.payloads["payload"].to_list() == [(quick, careful)[n % 2] for n in range(600) if n % 3]
    assert result.payloads["row"].to_list() == [n + 1 for n in range(600) if n % 3]
    assert result.errors["row"].to_list() == [n + 1 for n in range(0, 600, 3) for _ in range(4)]


def test_members_are_in_the_order_in_which_jsonb_keeps_them(run: Run) -> None:
    keys = ["long_key", "b", "a", "é", "zz", "B"]
    result = run([{"key": key, "type": "text"} for key in keys], [["1", "2", "3", "4", "5", "6"]])
    assert result.payloads["payload"].to_list() == ['{"B":"6","a":"3","b":"2","zz":"5","é":"4","long_key":"1"}']


def test_threads_share_a_validator() -> None:
    rules = [{"type": "pattern", "value": r"(\d)\1"}]
    fields = [{"key": "t", "type": "text", "validation": rules}, {"key": "p", "type": "phone"}]
    form = FormDefinition.parse({"fields": fields})
    mapping = HeaderMapping.parse({"t": "t", "p": {"field": "p", "normalize": "phone"}})
    validator = Validator(form, bind(form, mapping, ["t", "p"]))
    rows = range(500)
    frame = pl.DataFrame({"row": rows, "c0": [str(n) for n in rows], "c1": [f"416555{n:04}" for n in rows]})

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: validator.validate(frame), range(8)))

    first = results[0]
    assert len(first.payloads) + len(first.errors) == 500
    assert all(r.payloads.equals(first.payloads) and r.errors.equals(first.errors) for r in results)
