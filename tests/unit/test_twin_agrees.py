"""The column validator and its row-by-row twin agree on every row, every payload and every error.

One test for each field type. Within it, each case has a field of that type, and the cases go in turn
through every rule, mapping option and condition operator on that field: all are exercised by construction.
"""

from itertools import cycle, islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreement import OPERATORS, OPTIONS, RULES, TYPES, Case, Coverage, Focus, cases, run_product
from twin import validate_rows

MIN_ROWS = 1_000
"""For each of the eleven types, so that a run of this file compares more than 10,000 rows."""

EXAMPLES = 20
"""For each rule of each type."""

TYPE_ERRORS = {
    "number": "invalid_number", "email": "invalid_email", "phone": "invalid_phone", "date": "invalid_date",
    "select": "invalid_option", "multiselect": "invalid_option", "checkbox": "invalid_boolean",
}  # fmt: skip
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
    assert coverage.rows * 0.1 < coverage.good_rows < coverage.rows * 0.9
    assert _expected(kind) - coverage.seen.keys() == set()


def _compare(focus: Focus, coverage: Coverage) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
    @given(case=cases(focus), cut=st.integers(0, 20))
    def agree(case: Case, cut: int) -> None:
        payloads, errors = validate_rows(*case)
        product_payloads, product_errors = run_product(case, cut)
        assert product_errors == errors
        assert product_payloads == payloads
        coverage.add(case, payloads, errors)

    agree()


def _expected(kind: str) -> set[str]:
    expected = {f"rule {rule} on {kind}" for rule in RULES}
    expected |= {f"operator {operator} on {kind}" for operator in OPERATORS}
    if kind != "file":
        expected |= {f"option {option} on {kind}" for option in OPTIONS}
    if kind in TYPE_ERRORS:
        expected.add(f"error {TYPE_ERRORS[kind]}")
    if kind == "date":
        expected |= {f"message {message}" for message in DATE_MESSAGES}
    return expected | {"error required", "error validation", "sensitive"}
