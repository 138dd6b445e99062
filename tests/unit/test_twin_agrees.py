"""The column validator and its row-by-row twin agree on every row, every payload and every error.

One test for each field type. Within it, each case has a field of that type, and the cases go in turn
through every rule, mapping option and condition operator on that field: all are exercised by construction.
"""

from itertools import cycle, islice
from pprint import pformat

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.agreement import OPERATORS, OPTIONS, RULES, TYPES, Case, Coverage, Focus, cases, reduced, run_product
from tests.twin import validate_rows
from tests.twin.files import PREFIX

MIN_ROWS = 1_000
"""For each of the eleven types, so that a run of this file compares more than 10,000 rows."""

EXAMPLES = 8
"""For each rule of each type."""

TYPE_ERRORS = {
    "number": "invalid_number", "email": "invalid_email", "phone": "invalid_phone", "date": "invalid_date",
    "select": "invalid_option", "multiselect": "invalid_option", "checkbox": "invalid_boolean",
}  # fmt: skip
FILE_ERRORS = {
    "invalid_file_payload",
    "multi_file_not_supported",
    "missing_file_reference",
    "invalid_file_reference",
}
FILE_MESSAGES = {
    "The file's size is not a whole number of bytes",
    "The file's type is not allowed",
    f"The file's key is not under {PREFIX}",
    "There is no such file in the artifacts bucket",
}
DATE_MESSAGES = {
    "No such date",
    "Ambiguous date: more than one date format fits",
    "Not a date in a known format",
}

assert MIN_ROWS * len(TYPES) >= 10_000


@pytest.mark.parametrize("kind", TYPES)
def test_twin_and_product_agree(kind: str) -> None:
    coverage = Coverage()
    turns = len(RULES)
    for rule, option, operator in zip(
        RULES, islice(cycle(OPTIONS), turns), islice(cycle(OPERATORS), turns), strict=True
    ):
        _compare(Focus(kind, rule, option, operator), coverage)

    assert coverage.rows >= MIN_ROWS
    assert coverage.rows * 0.02 < coverage.good_rows < coverage.rows * 0.98
    assert _expected(kind) - coverage.seen.keys() == set()


def _compare(focus: Focus, coverage: Coverage) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(focus), cut=st.integers(0, 20))
    def agree(case: Case, cut: int) -> None:
        if _disagreement(case, cut) is not None:
            _fail(case, cut)
        coverage.add(case, *validate_rows(*case))

    agree()


def _disagreement(case: Case, cut: int) -> str | None:
    try:
        told = run_product(case, cut)
    except Exception as error:  # noqa: BLE001 (a crash is a disagreement, too)
        return f"the product fails: {error!r:.200}"
    return None if told == validate_rows(*case) else "they differ"


def _fail(case: Case, cut: int) -> None:
    case = reduced(case, lambda smaller: _disagreement(smaller, cut))
    twin_payloads, twin_errors = validate_rows(*case)
    note(pformat(case._asdict(), width=110, sort_dicts=False))
    payloads, errors = run_product(case, cut)
    assert errors == twin_errors
    assert payloads == twin_payloads
    pytest.fail("they agree on the reduced case, and not on the whole one")


def _expected(kind: str) -> set[str]:
    expected = {f"rule {rule} on {kind}" for rule in RULES}
    expected |= {f"operator {operator} on {kind}" for operator in OPERATORS}
    expected |= {f"option {option} on {kind}" for option in OPTIONS}
    if kind in TYPE_ERRORS:
        expected.add(f"error {TYPE_ERRORS[kind]}")
    if kind == "date":
        expected |= {f"message {message}" for message in DATE_MESSAGES}
    if kind == "file":
        expected |= {f"error {name}" for name in FILE_ERRORS} | {f"message {message}" for message in FILE_MESSAGES}
    if kind not in {"multiselect", "checkbox"}:
        expected.add("error validation")
    expected |= {"several columns", "lacking column", "void rule", "condition on nothing", "broken required"}
    return expected | {"error required", "sensitive"}
