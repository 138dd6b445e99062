"""What the generated cases exercised, and how many rows they had."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.twin import RowError

from .case import Case
from .fields import BROKEN, GONE, VOID


class Coverage:
    """Counts over all cases of a run."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.rows = 0
        self.good_rows = 0

    def add(self, case: Case, payloads: list[tuple[int, str]], errors: list[RowError]) -> None:
        self.rows += len(case.rows)
        self.good_rows += len(payloads)
        self.seen.update(set(features(case)))
        self.seen.update({f"error {error.error_type}" for error in errors})
        self.seen.update({f"message {error.message.split(' (')[0]}" for error in errors})


def features(case: Case) -> Iterator[str]:
    """Everything that the definition and the mapping ask for, in words."""
    types = {field["key"]: field.get("type") for field in case.definition["fields"]}
    for field in case.definition["fields"]:
        if field["label"] == BROKEN:
            yield "broken required" if field.get("required") else "broken"
        else:
            yield from _of_field(field, types)
    fed = Counter(target["field"] for target in case.mapping.values() if isinstance(target, dict))
    if max(fed.values(), default=0) > 1:
        yield "several columns"
    for header, target in case.mapping.items():
        if header.endswith("of last month"):
            yield "lacking column"
        if isinstance(target, dict) and target.get("field"):
            yield from _options(target, types[target["field"]])


def _of_field(field: dict[str, Any], types: dict[str, Any]) -> Iterator[str]:
    yield f"type {field['type']}"
    for rule in field.get("validation") or []:
        yield f"rule {rule['type']}"
        yield f"rule {rule['type']} on {field['type']}"
        if rule.get("value") in VOID:
            yield "void rule"
    if field.get("conditional") == GONE:
        yield "condition on nothing"
    elif "conditional" in field:
        operator = field["conditional"]["operator"]
        yield f"operator {operator}"
        yield f"operator {operator} on {types[field['conditional']['field']]}"
    if field.get("required"):
        yield f"required {field['type']}"
    if field.get("dataClassification") == "sensitive":
        yield "sensitive"


def _options(target: dict[str, Any], kind: str) -> Iterator[str]:
    for name, value in target.items():
        if name != "field":
            yield f"option {name}"
            yield f"option {name} on {kind}"
        if name in {"case", "normalize"}:
            yield f"{name} {value}"
