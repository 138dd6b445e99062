"""Builds the JSON text of each row from its stored values."""

from collections.abc import Sequence

import polars as pl

from import_worker.forms.columns import FieldColumns
from import_worker.forms.json_values import json_text
from import_worker.forms.types.reading import JsonForm

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", **{chr(n): f"\\u{n:04x}" for n in range(0x20)}, **_SHORT}
_NEEDS_ESCAPE = r'["\\\x00-\x1F]'


def build_payloads(rows: pl.DataFrame, fields: Sequence[FieldColumns], height: int) -> pl.Series:
    """Builds one JSON object per row from the stored values that are not null, with keys in jsonb's order.

    ``rows`` holds the stored values in ``height`` rows, a column for each field, by the field's name.
    """
    members = sorted((field for field in fields if rows[field.name].null_count() < height), key=_place_in_jsonb)
    if not members:
        return pl.Series(["{}"]).new_from_index(0, height)
    escaped = _to_escape(rows, members)
    whole = [rows[field.name].null_count() == 0 for field in members]
    if True not in whole:
        pieces = [pl.concat_str(_merged(_member(field, escape=field.name in escaped))) for field in members]
        joined = pl.concat_str(pieces, separator=",", ignore_nulls=True)
        return rows.select(pl.concat_str(pl.lit("{"), joined, pl.lit("}"))).to_series()
    # The first member that every row has needs no comma of its own: members before it end with a comma, members after
    # it begin with one.
    first = whole.index(True)
    parts: list[str | pl.Expr] = ["{"]
    for number, field in enumerate(members):
        piece = _member(field, escape=field.name in escaped)
        before, after = "," * (number > first), "," * (number < first)
        if whole[number]:
            parts += [before, *piece, after]
        else:
            parts.append(pl.concat_str(_merged([before, *piece, after])).fill_null(""))
    return rows.select(pl.concat_str(_merged([*parts, "}"]))).to_series()


def _place_in_jsonb(field: FieldColumns) -> tuple[int, bytes]:
    """Sorts keys as jsonb does: by length, then by bytes. Keys that are in this order already save PostgreSQL sorting
    them, which took a fifteenth of the time of loading a row (src/backend/utils/adt/jsonb_util.c)."""
    key = field.key.encode()
    return len(key), key


def _merged(parts: Sequence[str | pl.Expr]) -> list[pl.Expr]:
    """The parts as expressions, with adjacent texts joined: each part costs a pass over all rows."""
    merged: list[pl.Expr] = []
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            merged += [pl.lit(text), part]
            text = ""
    return [*merged, pl.lit(text)]


def _to_escape(rows: pl.DataFrame, fields: Sequence[FieldColumns]) -> set[str]:
    doubtful = [field.name for field in fields if field.json_form is JsonForm.STRING]
    found = rows.select(pl.col(name).str.contains(_NEEDS_ESCAPE).any() for name in doubtful)
    return {name for name in doubtful if found[name].item()}


def _member(field: FieldColumns, *, escape: bool) -> list[str | pl.Expr]:
    """The member's name and value, in parts; the member is null in rows where one of its parts is null."""
    name, stored, form = json_text(field.key) + ":", pl.col(field.name), field.json_form
    match form:
        case JsonForm.AS_IS:
            return [name, stored]
        case JsonForm.STRING | JsonForm.PLAIN_STRING:
            if escape:
                stored = stored.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
            return [name + '"', stored, '"']
        case _:
            return [name, form(stored)]
