"""Make a case on which twin and product disagree small enough to read, in a second.

Hypothesis could do it, too, but knows nothing of forms and takes minutes.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from .case import Case

Outcome = Callable[[Case], str | None]
"""What is wrong with a case, in a few words; None if nothing is."""


def reduced(case: Case, outcome: Outcome) -> Case:
    """A small case with the same outcome."""
    wanted = outcome(case)
    for row in case.rows:
        if outcome(case._replace(rows=[row])) == wanted:
            case = case._replace(rows=[row])
            break
    smaller: Case | None = case
    while smaller is not None:
        case = smaller
        smaller = next((each for each in _smaller(case) if outcome(each) == wanted), None)
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for field in case.definition["fields"]:
        yield _without_field(case, field["key"])
    for index, header in enumerate(case.headers):
        if not any(wanted.strip().lower() == header.strip().lower() for wanted in case.mapping):
            yield _without_column(case, index)
    for path in _paths({"definition": case.definition, "mapping": case.mapping}):
        yield _without(case, path)


def _without_field(case: Case, key: str) -> Case:
    mapping = {header: target for header, target in case.mapping.items() if _key_of(target) != key}
    fields = [field for field in case.definition["fields"] if field["key"] != key]
    return case._replace(definition={"fields": fields}, mapping=mapping)


def _key_of(target: Any) -> Any:
    return target.get("field") if isinstance(target, dict) else target


def _without_column(case: Case, index: int) -> Case:
    headers = case.headers[:index] + case.headers[index + 1 :]
    return case._replace(headers=headers, rows=[row[:index] + row[index + 1 :] for row in case.rows])


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the parts of a form and a mapping are that they might do without."""
    keys = range(len(node)) if isinstance(node, list) else node if isinstance(node, dict) else ()
    for key in list(keys):
        here = (*path, key)
        if key not in {"definition", "mapping", "fields", "field", "key", "type", "value", "operator"}:
            yield here
        yield from _paths(node[key], here)


def _without(case: Case, path: tuple[Any, ...]) -> Case:
    documents = {"definition": deepcopy(case.definition), "mapping": deepcopy(case.mapping)}
    node: Any = documents
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return case._replace(definition=documents["definition"], mapping=documents["mapping"])
