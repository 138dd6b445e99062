"""Every statement of this program, by name: the files of this folder hold them, one file for each table or noun.

``-- name: NAME`` begins a statement that is complete except for its values, which are psycopg's ``%(name)s``.
``-- fragment: NAME`` begins a text from which statements are built. Either line is followed by a description in comment
lines, and then by the text itself. ``{NAME}`` of a fragment, in a statement or another fragment, is replaced by that
fragment. Any other ``{word}`` in a fragment is filled in by the caller with psycopg's means of quoting, because it is
known only at run time: an identifier or a type from the catalogue, a form or a target, or a condition built from these.
The statements of a rollback (rollback.sql), the lock on parents (foreign_keys.sql), lookups (lookups.sql), COPY with a
target's columns (server.sql), and statements shown to people (advice.sql) are built in this way.

Migrations and host_schema.sql are run as files and have no names.
"""

import re
from functools import cache
from pathlib import Path

from psycopg import sql

_HEAD = re.compile(r"^-- (name|fragment): (\w+)\n(?:--.*\n)*", re.MULTILINE)
_INCLUDED = re.compile(r"\{(\w+)\}")


def query(name: str) -> bytes:
    """The statement of that name, without its description. KeyError for a name that no file has."""
    return _texts()["name"][name].encode()


def fragment(name: str, **parts: sql.Composable) -> sql.Composed:
    """The fragment of that name, with these parts in their places; those that it has no place for are left out.

    KeyError for a name that no file has, or a place without a part.
    """
    return sql.SQL(_texts()["fragment"][name]).format(**parts)


@cache
def _texts() -> dict[str, dict[str, str]]:
    """Statements and fragments, by kind and name. All files are read at once: it takes about a millisecond."""
    found: dict[str, dict[str, str]] = {"name": {}, "fragment": {}}
    for path in Path(__file__).parent.glob("*.sql"):
        _, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
        for kind, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            found[kind][name] = text.strip()
    fragments = found["fragment"]

    def included(text: str) -> str:
        return _INCLUDED.sub(lambda at: included(fragments[at[1]]) if at[1] in fragments else at[0], text)

    return {kind: {name: included(text) for name, text in texts.items()} for kind, texts in found.items()}
