"""Delimited text files in the many ways they are written, generated, each with the table that is in it.

``CASES`` is the same in every run. ``draw`` makes more of the same kind from another seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.corpus.by_hand import BY_HAND, READ_BY_CSV, by_csv
from tests.corpus.languages import LANGUAGES
from tests.corpus.tables import TABLES, Table

BOMS = {
    "utf-8-sig": ("utf-8", b"\xef\xbb\xbf"),
    "utf-16-le-sig": ("utf-16-le", b"\xff\xfe"),
    "utf-16-be-sig": ("utf-16-be", b"\xfe\xff"),
    "utf-32-le-sig": ("utf-32-le", b"\xff\xfe\0\0"),
    "utf-32-be-sig": ("utf-32-be", b"\0\0\xfe\xff"),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16-le-sig", "utf-16-be-sig", "utf-16-le", "utf-16-be", "utf-32-le-sig")
NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@dataclass(frozen=True)
class DialectCase:
    """``quote`` is None for a file in which nothing is quoted. ``encoding`` is a codec that reads the file, ``table``
    its header and all rows, cells as they are meant. ``header_row`` counts from 1, empty lines included."""

    name: str
    data: bytes
    encoding: str
    delimiter: str
    quote: str | None
    backslash: bool
    spaced: bool
    newline: str
    header_row: int
    table: Table

    def options(self) -> dict[str, Any]:
        """The job options that say what the file is."""
        named = {"delimiter": self.delimiter, "quote": self.quote or "", "encoding": self.encoding}
        return {**named, "header_row": self.header_row}


@dataclass(frozen=True)
class Style:
    """How to write a table. ``quoting``: none, minimal, all."""

    delimiter: str = ","
    quote: str = '"'
    quoting: str = "minimal"
    backslash: bool = False
    spaced: bool = False
    newline: str = "lf"
    encoding: str = "utf-8"
    preamble: str = "none"
    last_newline: bool = True


# Lines above the header: {d} is the delimiter, {n} the line end, {rest} delimiters to the table's width.
PREAMBLES = {
    "none": "",
    "blank": "{n}",
    "blanks": "{n}{n}{n}",
    "title": "Stock list 2024{n}",
    "title and blank": "Stock list of the spring{n}{n}",
    "padded title": "Stock list 2024{d}{rest}{n}",
    "padded notes": "Report{d}7{rest}{n}Made on{d}2024-05-01{rest}{n}{d}{rest}{n}",
    "comments": "# made by the till{n}# one line, one article{n}",
    "notes": "Source: till{n}Day: 2024-05-01{n}Lines: 12{n}{n}",
    "sentence": "All prices, as agreed, without tax.{n}",
    "screen": "Note about this list: see the shop{n}" * 8 + "{n}",
    "hint": "sep={d}{n}",
}


def write(name: str, table: Table, style: Style) -> DialectCase:
    """The table as a file. Without quotes, what would need them is left out of the cells, in the case's table, too."""
    newline = NEWLINES.get(style.newline, "\n")
    if style.quoting == "none":
        table = [[_unquoted(cell, style) for cell in row] for row in table]
    lines = [_record(row, style) for row in table]
    ends = [newline] * len(lines) if style.newline != "mixed" else [("\n", "\r\n")[i % 2] for i in range(len(lines))]
    if not style.last_newline:
        ends[-1] = ""
    padding = style.delimiter * (len(table[0]) - 2)
    preamble = PREAMBLES[style.preamble].format(d=style.delimiter, n=newline, rest=padding)
    text = preamble + "".join(line + end for line, end in zip(lines, ends, strict=True))
    encoding, mark = BOMS.get(style.encoding, (style.encoding, b""))
    body = "".join(lines)
    return DialectCase(
        name=name,
        data=mark + text.encode(encoding),
        encoding=encoding,
        delimiter=style.delimiter,
        quote=style.quote if style.quoting != "none" and style.quote in body else None,
        backslash=style.backslash,
        spaced=style.spaced,
        newline=style.newline,
        header_row=1 + preamble.count(newline),
        table=table,
    )


def _unquoted(cell: str, style: Style) -> str:
    for mark in (style.delimiter, "\n"):
        cell = cell.replace(mark, " ")
    return cell.lstrip("\"'")


def _record(row: list[str], style: Style) -> str:
    """One record without its end. A record of one empty cell is quoted: it would be an empty line."""
    cells = []
    for cell in row:
        special = any(mark in cell for mark in (style.delimiter, style.quote, "\n", "\r"))
        if style.quoting == "all" or (style.quoting == "minimal" and (special or row == [""])):
            cells.append(_quoted(cell, style))
        else:
            cells.append(cell)
    return (style.delimiter + " " if style.spaced else style.delimiter).join(cells)


def _quoted(cell: str, style: Style) -> str:
    if style.backslash:
        cell = cell.replace("\\", "\\\\").replace(style.quote, f"\\{style.quote}")
    else:
        cell = cell.replace(style.quote, style.quote * 2)
    return style.quote + cell + style.quote


def draw(seed: str, count: int) -> Iterator[DialectCase]:
    """Cases in which every property is drawn by itself."""
    rng = random.Random(seed)
    for number in range(count):
        language = rng.choice(sorted(LANGUAGES))
        kind = rng.choice(sorted(TABLES))
        delimiter = rng.choice([",", ",", ";", ";", "\t", "|"])
        quoting = rng.choice(["none", "minimal", "minimal", "all"])
        spaced = quoting == "all" and delimiter != "\t" and rng.random() < 0.2
        words = LANGUAGES[language]
        style = Style(
            delimiter=delimiter,
            quote="'" if quoting == "all" and rng.random() < 0.2 else '"',
            quoting=quoting,
            backslash=quoting != "none" and rng.random() < 0.2,
            spaced=spaced,
            newline=rng.choice([*NEWLINES, "lf", "crlf", "mixed"]),
            encoding=rng.choice([*UNICODE, *words.legacy, *words.legacy]),
            preamble="none" if rng.random() < 0.5 else rng.choice(sorted(PREAMBLES)),
            last_newline=rng.random() < 0.8,
        )
        if kind == "single":
            style = _for_one_column(style)
        if kind in {"pairs", "addresses"} and style.preamble in {"padded notes", "sentence"}:
            style = _replace(style, preamble="title")
        table = TABLES[kind](words, rng, comma=delimiter != ",")
        name = f"{number} {kind} {language} {_describe(style)}"
        yield write(name, table, style)


def _for_one_column(style: Style) -> Style:
    """Nothing in a file of one column tells a delimiter, or a title from the header."""
    return _replace(style, preamble=style.preamble if style.preamble in {"blank", "blanks"} else "none", delimiter=",")


def _replace(style: Style, **changes: Any) -> Style:
    return Style(**{**style.__dict__, **changes})


def _describe(style: Style) -> str:
    parts = [style.delimiter.replace("\t", "tab"), style.quoting + style.quote, style.newline, style.encoding]
    parts += [name for name in ("backslash", "spaced") if getattr(style, name)]
    return " ".join([*parts, style.preamble])


def _each_encoding() -> Iterator[DialectCase]:
    for language, words in LANGUAGES.items():
        for encoding in (*UNICODE, "utf-32-be-sig", *words.legacy):
            for kind in ("stock", "few"):
                table = TABLES[kind](words, random.Random(f"{language} {encoding}"), comma=True)
                style = Style(delimiter=";", encoding=encoding, newline="crlf")
                yield write(f"{kind} {language} {encoding}", table, style)


def _each_preamble() -> Iterator[DialectCase]:
    for preamble in PREAMBLES:
        for delimiter in (",", ";", "\t", "|"):
            for quoting in ("minimal", "all"):
                table = TABLES["stock"](LANGUAGES["english"], random.Random(preamble), comma=delimiter != ",")
                style = Style(delimiter=delimiter, quoting=quoting, preamble=preamble)
                yield write(f"stock english {_describe(style)}", table, style)


def _hard() -> Iterator[DialectCase]:
    read = {name: (*case, by_csv(*case)) for name, case in READ_BY_CSV.items()}
    for name, (text, delimiter, header_row, table) in {**BY_HAND, **read}.items():
        yield DialectCase(
            name=name,
            data=text.encode(),
            encoding="utf-8",
            delimiter=delimiter,
            quote='"' if '"' in text and "nobody" not in name else None,
            backslash=False,
            spaced=False,
            newline="lf",
            header_row=header_row,
            table=table,
        )


CASES: tuple[DialectCase, ...] = (*_hard(), *_each_preamble(), *_each_encoding(), *draw("corpus", 400))
