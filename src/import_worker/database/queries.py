"""The statements of ``queries.sql`` by name."""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def query(name: str) -> bytes:
    """The statement of that name. KeyError for a name that is not in the file."""
    return _all()[name]


@cache
def _all() -> dict[str, bytes]:
    text = (files("import_worker.database") / "queries.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return {name: body.strip().encode() for name, body in zip(parts[::2], parts[1::2], strict=True)}
