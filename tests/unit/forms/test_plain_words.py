"""Words whose meaning is plain."""

import pytest

from import_worker.forms.field import Option
from import_worker.forms.suggestions.plain_words import means_nothing, nearest_option, yes_or_no

OPTIONS = [Option(value="alpine", label="Ski Alpin"), Option(value="alpinism"), Option(value="12"), Option(value="120")]


@pytest.mark.parametrize(
    ("cell", "meaning"), [(" Oui ", "yes"), ("NEIN", "no"), ("✓", "yes"), ("maybe", None), ("", None)]
)
def test_yes_and_no_of_other_languages(cell: str, meaning: str | None) -> None:
    assert yes_or_no(cell) == meaning


def test_signs_for_nothing() -> None:
    assert all(map(means_nothing, ["N/A", " - ", "\u2014", "NULL", "??"]))
    assert not any(map(means_nothing, ["", "0", "no"]))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("SKI-ALPIN", "alpine"),
        ("Alpiné", "alpine"),
        ("ski", "alpine"),
        ("alpin", None),  # two begin so
        ("12", "12"),
        ("1", None),  # digits that go on are another number
        ("-", None),
    ],
)
def test_the_one_option_in_another_spelling(cell: str, value: str | None) -> None:
    found = nearest_option(cell, OPTIONS)
    assert (found and found.value) == value
