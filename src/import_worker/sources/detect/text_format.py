"""The detected format of a text file, and how sure each part of it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Newline = Literal["lf", "crlf", "cr", "mixed"]


class Sureness(StrEnum):
    """How sure a detected property is."""

    GIVEN = "given"
    """A job option says so."""
    CERTAIN = "certain"
    """It follows from the bytes: a byte order mark, a signature."""
    LIKELY = "likely"
    """The evidence points one way."""
    GUESS = "guess"
    """There is no evidence; it is only what is usual."""


@dataclass(frozen=True)
class TextFormat:
    """The syntax of a delimited text file.

    ``encoding`` is the name of a Python codec in its normal form (``utf-8``, ``cp1252``, ``utf-16-le``), and
    ``bom_bytes`` the length of the byte order mark before the text. ``delimiter`` and ``quote`` are single ASCII
    characters; ``quote`` is None where nothing is quoted. ``backslash``: a quote (or a backslash) inside a quoted cell
    is escaped by a backslash instead of doubled. ``spaced``: blanks between a delimiter and an opening quote do not
    belong to the cell. ``header_row`` is the number of the header's record, counted from 1, empty lines included: the
    row number that a spreadsheet program shows.

    ``sure`` has the sureness of ``encoding``, ``delimiter``, ``quote`` and ``header_row``.
    """

    encoding: str
    bom_bytes: int
    delimiter: str
    quote: str | None
    backslash: bool
    spaced: bool
    newline: Newline
    header_row: int
    sure: dict[str, Sureness]
