"""One table with its form and mapping."""

from typing import Any, NamedTuple


class Focus(NamedTuple):
    """What a case has in any case: a field of this type with this rule, this option of the mapping (if it is
    mapped), and a condition on this field with this operator."""

    kind: str
    rule: str
    option: str
    operator: str


class Case(NamedTuple):
    definition: dict[str, Any]
    mapping: dict[str, Any]
    headers: list[str]
    rows: list[list[str]]

    def __repr__(self) -> str:
        return f"<case of {len(self.definition['fields'])} fields and {len(self.rows)} rows>"
