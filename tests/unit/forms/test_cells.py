"""From cell to prepared cell: values, default, case, white space."""

from collections.abc import Callable

import pytest

TEXT = {"type": "text"}
Read = Callable[..., str]


@pytest.mark.parametrize(
    ("cell", "target", "stored"),
    [
        (" as written ", {}, '" as written "'),
        ("", {}, "missing"),
        ("\u2003\t\x85", {}, "missing"),
        ("\x1f", {}, '"\\u001f"'),
        ("M", {"values": {"M": "male"}}, '"male"'),
        (" m ", {"values": {" M ": "male"}}, '"male"'),
        ("Ab", {"values": {"AB": "first", "ab": "second"}}, '"first"'),
        ("ab", {"values": {"AB": "first", "ab": "second"}}, '"second"'),
        ("x", {"values": {"x": True}}, '"true"'),
        ("x", {"values": {"x": 1.5}}, '"1.5"'),
        ("n/a", {"values": {"n/a": None}}, "missing"),
        ("n/a", {"values": {"N/A": None}, "default": "none"}, '"none"'),
        ("", {"values": {"": "blank"}}, '"blank"'),
        (" ", {"default": " d "}, '" d "'),
        (" ", {"default": "  "}, "missing"),
        ("", {"default": 23}, '"23"'),
        ("straße É", {"case": "upper"}, '"STRASSE É"'),
        ("STRAẞE É", {"case": "lower"}, '"straße é"'),
        ("o'NEIL-mc 3RD école_b", {"case": "title"}, '"O\'Neil-Mc 3rd École_B"'),
        ("ŉa ǆx ΣΑΣ", {"case": "title"}, '"\u02bcNa Ǆx Σασ"'),
        ("", {"case": "title", "default": "a b"}, '"A B"'),
    ],
)
def test_prepares_text(read_cell: Read, cell: str, target: dict[str, object], stored: str) -> None:
    assert read_cell(cell, TEXT, target) == stored


@pytest.mark.parametrize(
    ("cell", "field", "stored"),
    [
        ("1e5", {"type": "number"}, "1e5"),
        ("yes", {"type": "checkbox"}, "true"),
        ("a", {"type": "select", "options": [{"value": "a"}, {"value": "A"}]}, '"A"'),
        ("b,a", {"type": "multiselect", "options": [{"value": "a"}, {"value": "A"}, {"value": "B"}]}, '["B","A"]'),
        ("a@b.c", {"type": "email"}, '"A@B.C"'),
    ],
)
def test_upper_case_by_type(read_cell: Read, cell: str, field: dict[str, object], stored: str) -> None:
    assert read_cell(cell, field, {"case": "upper"}) == stored
