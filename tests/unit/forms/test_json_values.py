"""Values of a form's JSON: their text, and whether a jsonb column can hold them."""

import pydantic
import pytest

from import_worker.forms.json_values import FiniteNumber, StorableText, is_storable, json_text, scalar_text


def test_the_text_of_a_value_is_what_a_cell_would_hold() -> None:
    assert [scalar_text(value) for value in ("é", True, 23, 1.5)] == ["é", "true", "23", "1.5"]
    assert json_text({"é": [None, "\n"]}) == '{"é": [null, "\\n"]}'


@pytest.mark.parametrize(("text", "storable"), [("é\U0001f600", True), ("a\0", False), ("\ud800", False)])
def test_what_jsonb_cannot_hold_is_refused(text: str, storable: bool) -> None:
    assert is_storable(text) is storable
    adapter = pydantic.TypeAdapter[str](StorableText)
    if storable:
        assert adapter.validate_python(text) == text
    else:
        with pytest.raises(pydantic.ValidationError, match="must not contain NUL"):
            adapter.validate_python(text)


@pytest.mark.parametrize("value", [True, "1", float("inf"), float("nan"), None])
def test_only_finite_numbers_are_numbers(value: object) -> None:
    adapter: pydantic.TypeAdapter[int | float] = pydantic.TypeAdapter(FiniteNumber)
    assert [adapter.validate_python(number) for number in (7, 1.5)] == [7, 1.5]
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python(value)
