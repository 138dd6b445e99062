"""Reads descriptions of files a whole column at a time, if they are all written in the same layout.

The cells of a column mostly come from one program, which writes the same members in the same order. So the first cell
shows how to read most of the others: a regular expression for exactly its members extracts what matters from each cell
that has them, in linear time and without building objects. Cells that are written differently, or that might be wrong,
are left to the caller, who reads them one by one.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

_SPACE = r"[ \t\n\r]*"
_TEXT = r'"{0}[^"\\\x00-\x1F]*{1}"'
_WHOLE = r"{0}(?:0|[1-9][0-9]{{0,14}}){1}"
"""Fifteen digits fit an Int64, and no file is that large."""
_CAPTURE = {"fileName": "file_name", "mimeType": "mime_type", "checksum": "checksum"}
_ORDINARY = r"[A-Za-z0-9_-]+"


def read_alike(cells: pl.Series, example: Mapping[str, Any]) -> pl.DataFrame | None:
    """Reads those of ``cells`` (String, no nulls) that have the layout of ``example``, which is one of them parsed.

    The frame has the columns of ``file.FILE_SCHEMA``, in any order, and is as long as ``cells``; all columns are null
    for a cell that could not be read. None if no expression can be made from the example.
    """
    size = next((name for name in ("sizeBytes", "size") if example.get(name) is not None), None)
    key = next((name for name in ("storageKey", "artifactKey") if example.get(name)), None)
    if size is None or key is None:
        return None
    captures = _CAPTURE | {size: "size_bytes", key: "storage_key"}
    members = [_member(name, value, captures) for name, value in example.items()]
    found = [captures[name] for name in example if name in captures and example[name] is not None]
    if None in members or not {"file_name", "mime_type"} <= set(found):
        return None
    inner = f"{_SPACE},{_SPACE}".join(filter(None, members))
    expression = rf"^\{{{_SPACE}{inner}{_SPACE}\}}$"
    groups = cells.to_frame("cell").select(pl.col("cell").str.extract_groups(expression).struct.rename_fields(found))
    texts = [pl.col(name) for name in ("file_name", "mime_type", "storage_key")]
    filled = pl.all_horizontal(text.str.strip_chars() != "" for text in texts)
    checksum = pl.col("checksum") if "checksum" in found else pl.lit("").alias("checksum")
    files = groups.unnest("cell").select(*texts, pl.col("size_bytes").cast(pl.Int64), checksum, filled.alias("filled"))
    if files["filled"].all(ignore_nulls=False):
        return files.drop("filled")
    return files.select(pl.when("filled").then(pl.exclude("filled")))


def _member(name: str, value: object, captures: Mapping[str, str]) -> str | None:
    """The regular expression of one member; None if its name or value is too complex for one."""
    if not re.fullmatch(_ORDINARY, name):
        return None
    begin, end = ("(", ")") if name in captures else ("(?:", ")")
    match value:
        case str() if name not in captures or captures[name] != "size_bytes":
            written = _TEXT.format(begin, end)
        case bool():
            written = "(?:true|false)" if name not in captures else ""
        case int() if name not in captures or captures[name] == "size_bytes":
            written = _WHOLE.format(begin, end)
        case None:
            written = "null"
        case _:
            written = ""
    return f'"{name}"{_SPACE}:{_SPACE}{written}' if written else None
