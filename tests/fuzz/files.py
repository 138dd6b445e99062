"""Good files of every kind, small, to be damaged."""

import gzip
import io
import random
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

from tests.corpus.workbooks import KINDS, write_workbook
from tests.fuzz.mutations import damage

FORM: dict[str, Any] = {
    "fields": [
        {"key": "name", "type": "text", "label": "Name", "required": True},
        {"key": "age", "type": "number", "label": "Age"},
        {"key": "email", "type": "email", "label": "E-mail"},
        {"key": "since", "type": "date", "label": "Since"},
        {"key": "remark", "type": "textarea", "label": "Remark"},
    ]
}
HEADER = ["name", "age", "email", "since", "remark"]

# Delimiter, quote ("" for none), escape, line end, Python codec, byte order mark.
_DIALECTS = {
    "comma": (",", '"', '""', "\n", "utf-8", b""),
    "bom": (",", '"', '""', "\r\n", "utf-8", b"\xef\xbb\xbf"),
    "semicolon": (";", '"', '""', "\r\n", "cp1252", b""),
    "tab": ("\t", '"', '""', "\n", "utf-16-le", b"\xff\xfe"),
    "pipe": ("|", "'", "''", "\r", "utf-8", b""),
    "backslash": (",", '"', '\\"', "\n", "utf-8", b""),
    "unquoted": (";", "", "", "\n", "iso8859-15", b""),
    "wide": (",", '"', '""', "\r\n", "utf-32-be", b"\0\0\xfe\xff"),
    "unmarked": (",", '"', '""', "\n", "utf-16-be", b""),
    "japanese": (",", '"', '""', "\r\n", "cp932", b""),
    "cyrillic": (";", '"', '""', "\n", "cp1251", b""),
    "chinese": (",", '"', '""', "\n", "gb18030", b""),
}
_REMARKS = {
    "cp932": ("東京へ送る", "箱が壊れている", "明日の朝"),
    "cp1251": ("доставка завтра", "уже оплачено", "без замечаний"),
    "gb18030": ("明天送到", "箱子坏了", "没有问题"),
}
_LATIN = ("größer als bestellt", "livré en août", "no")


@dataclass(frozen=True)
class GoodFile:
    """``body`` is the byte (from 0) at which the header is over, where bytes are records."""

    kind: str
    data: bytes
    body: int


def _table(rng: random.Random, encoding: str) -> list[list[str]]:
    remarks = [*_REMARKS.get(encoding, _LATIN), "two\nlines", 'say "no", then go', "a,b;c|d"]
    return [
        [
            f"Name {number}",
            str(rng.choice([number, "", "many", -1.5])),
            rng.choice([f"n{number}@example.org", "", "nobody"]),
            rng.choice(["2026-05-17", "2026-02-30", ""]),
            rng.choice(remarks),
        ]
        for number in range(rng.choice([1, 5, 30, 60]))
    ]


def delimited(rng: random.Random, dialect: str) -> GoodFile:
    delimiter, quote, escape, newline, encoding, mark = _DIALECTS[dialect]

    def cell(text: str) -> str:
        if not quote:
            return text.replace(delimiter, " ").replace("\n", " ")
        if any(special in text for special in (delimiter, quote, "\n")) or rng.random() < 0.1:
            return quote + text.replace("\n", newline).replace(quote, escape) + quote
        return text

    lines = [delimiter.join(map(cell, row)) + newline for row in [HEADER, *_table(rng, encoding)]]
    data = mark + "".join(lines).encode(encoding)
    return GoodFile(dialect, data, len(mark + lines[0].encode(encoding)))


@cache
def workbook(kind: str, variant: int) -> bytes:
    rng = random.Random(f"{kind} {variant}")
    table: list[list[object]] = [list(HEADER)]
    for name, age, email, since, remark in _table(rng, "utf-8"):
        day = date.fromisoformat(since) if since == "2026-05-17" else since
        table.append([name, float(age) if age not in ("", "many") else age, email, day, remark or None])
    with tempfile.TemporaryDirectory() as folder:
        return write_workbook(kind, table, Path(folder, "workbook")).read_bytes()


def compress(rng: random.Random, data: bytes) -> bytes:
    cut = rng.randint(0, len(data))
    zstd = zstandard.ZstdCompressor().compress
    how = rng.randrange(4)
    if how < 2:
        return gzip.compress(data, 6, mtime=0) if how else gzip.compress(data[:cut]) + gzip.compress(data[cut:])
    return zstd(data) if how == 2 else zstd(data[:cut]) + zstd(data[cut:])


def repack(rng: random.Random, package: bytes) -> bytes:
    """The zip package with one of its parts damaged, so that the damage gets past the checksums."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        names = [entry.filename for entry in source.infolist()]
        parts = [name for name in names if any(word in name for word in ("sheet", "content", "shared", "styles"))]
        chosen = rng.choice(parts if rng.random() < 0.8 else names)
        for name in names:
            data = source.read(name)
            written.writestr(name, damage(rng, data, 0) if name == chosen else data)
    return target.getvalue()


def draw(rng: random.Random) -> tuple[str, bytes]:
    """A damaged file, and what it was: text, text in compressed form, or a workbook."""
    chance = rng.random()
    if chance < 0.12:
        kind = rng.choice(KINDS)
        data = workbook(kind, rng.randrange(4))
        if kind != "xls" and rng.random() < 0.6:
            return f"{kind}, a part of it", repack(rng, data)
        return kind, damage(rng, data, 0)
    file = delimited(rng, rng.choice(sorted(_DIALECTS)))
    if chance < 0.55:
        return file.kind, damage(rng, file.data, file.body)
    if chance < 0.65:
        return f"{file.kind}, compressed and damaged", damage(rng, compress(rng, file.data), 0)
    if chance < 0.75:
        return f"{file.kind}, damaged and compressed", compress(rng, damage(rng, file.data, file.body))
    other = delimited(rng, rng.choice(sorted(_DIALECTS)))
    half = rng.randint(0, len(other.data))
    spliced = file.data[: max(file.body, len(file.data) // 2)] + other.data[half:]
    return f"{file.kind} and {other.kind}", damage(rng, spliced, file.body) if rng.random() < 0.5 else spliced
