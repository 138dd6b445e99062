"""Whole cases: a form, a mapping, and a table whose cells suit (or all but suit) both."""

import random
from typing import Any

from hypothesis import strategies as st

from .case import Case, Focus
from .cells import MOODS, cells, special_cells
from .characters import odd_text
from .fields import forms
from .mappings import mappings
from .quantities import huge_numbers

ROWS = (20, 40, 80)


@st.composite
def cases(draw: st.DrawFn, focus: Focus) -> Case:
    form, center = draw(forms(focus))
    mapping, headers = draw(mappings(form, center, focus.option))
    pools = [draw(_pool(form, mapping, header)) for header in headers]
    mixer = random.Random(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        rows = [[mixer.choice(pool) for pool in pools] for _ in range(draw(st.sampled_from(ROWS)))]
        return Case(form, mapping, headers, rows)
    # A row for each special cell of the type in focus, so that none is left to chance.
    targets = [_target(form, mapping, header) for header in headers]
    in_focus = [field is not None and field["key"] == center for field, _ in targets]
    specials = next(
        (special_cells(field, options) for field, options in targets if field and field["key"] == center), []
    )
    rows = [
        [special if here else mixer.choice(pool) for here, pool in zip(in_focus, pools, strict=True)]
        for special in specials
    ]
    return Case(form, mapping, headers, rows)


def _pool(form: dict[str, Any], mapping: dict[str, Any], header: str) -> st.SearchStrategy[list[str]]:
    """The cells from which the rows of a column are mixed."""
    field, options = _target(form, mapping, header)
    if field is None:
        return st.lists(odd_text, min_size=1, max_size=2)
    one = st.sampled_from(MOODS).flatmap(lambda mood: st.lists(cells(field, options, mood), min_size=1, max_size=14))
    if field["type"] == "number":
        huge = st.builds(lambda pool, cell: [*pool, cell], one, huge_numbers)
        return st.integers(0, 39).flatmap(lambda draw: huge if draw == 39 else one)
    return one


def _target(form: dict[str, Any], mapping: dict[str, Any], header: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    for wanted, target in mapping.items():
        if header and wanted.strip().lower() == header.strip().lower():
            options = target if isinstance(target, dict) else {"field": target}
            return next((field for field in form["fields"] if field["key"] == options["field"]), None), options
    return None, {}
