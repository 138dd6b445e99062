"""Records by the rules of ``import_worker.sources.cut.quotes`` and ``dialect``, character by character."""

from collections.abc import Iterator
from dataclasses import dataclass

from import_worker.sources.cut.dialect import Dialect


@dataclass(frozen=True)
class SlowRecord:
    text: str
    broken: bool


def read_records(text: str, dialect: Dialect, *, longest_cell: int) -> list[SlowRecord]:
    """All records but empty lines and template rows. ``longest_cell`` is how far a quoted cell may reach."""
    cut = cut_records(text, dialect, longest_cell=longest_cell)
    filled = [record for record in cut if record.text.strip("\r\n")]
    return [record for record in filled if not (dialect.template and _is_template_row(record.text, dialect))]


def _is_template_row(text: str, dialect: Dialect) -> bool:
    bare = text.lstrip(" ") if dialect.spaced else text
    if dialect.quote is not None and bare.startswith(dialect.quote):
        text = bare[1:]
    return text.startswith(("# description", "# example", "__meta__"))


def cut_records(text: str, dialect: Dialect, *, longest_cell: int) -> Iterator[SlowRecord]:
    """All records, empty lines among them."""
    at = 0
    while at < len(text):
        end, broken = _record(text, at, dialect, longest_cell)
        yield SlowRecord(text[at:end], broken)
        at = end


def _record(text: str, start: int, dialect: Dialect, longest_cell: int) -> tuple[int, bool]:
    """Where the record ends that begins at ``start``, and whether a stray quote cut it there."""
    at, cell_begins = start, True
    while at < len(text):
        character = text[at]
        if dialect.backslash and character == "\\":
            at, cell_begins = at + 2, False
        elif character == dialect.quote and cell_begins:
            closing = _closing(text, at, dialect)
            if closing is None or _is_stray(text, at, closing, dialect, longest_cell):
                return _line_end(text, at, dialect), True
            at, cell_begins = closing + 1, False
        elif character in "\r\n":
            return _line_end(text, at, dialect), False
        else:
            blank = dialect.spaced and cell_begins and character in " \t" and character != dialect.delimiter
            cell_begins = character == dialect.delimiter or blank
            at += 1
    return len(text), False


def _closing(text: str, opening: int, dialect: Dialect) -> int | None:
    at = opening + 1
    while at < len(text):
        if dialect.backslash and text[at] == "\\":
            at += 2
        elif text[at] != dialect.quote:
            at += 1
        elif text[at + 1 : at + 2] == dialect.quote:
            at += 2
        else:
            return at
    return None


def _is_stray(text: str, opening: int, closing: int, dialect: Dialect, longest_cell: int) -> bool:
    lines = _lines(text[opening:closing], dialect)
    if len(lines) == 1:
        return False
    if closing - opening > longest_cell or text[closing + 1 : closing + 2] not in ("", "\r", "\n", dialect.delimiter):
        return True
    if dialect.width is None or dialect.width < 3 or len(lines) < 5:
        return False
    whole = lines[1:-1]
    alike = sum(line.count(dialect.delimiter) == dialect.width - 1 for line in whole)
    delimiters = sum(line.count(dialect.delimiter) for line in whole)
    prose = sum(line.count(dialect.delimiter + " ") for line in whole)
    return 2 * alike > len(whole) and 2 * prose <= delimiters


def _lines(text: str, dialect: Dialect) -> list[str]:
    lines, at, begun = [], 0, 0
    while at < len(text):
        if dialect.backslash and text[at] == "\\":
            at += 2
        elif text[at] in "\r\n":
            end = at + (2 if text[at : at + 2] == "\r\n" else 1)
            lines.append(text[begun:at])
            at = begun = end
        else:
            at += 1
    return [*lines, text[begun:]]


def _line_end(text: str, at: int, dialect: Dialect) -> int:
    while at < len(text):
        if dialect.backslash and text[at] == "\\":
            at += 2
        elif text[at] in "\r\n":
            return at + (2 if text[at : at + 2] == "\r\n" else 1)
        else:
            at += 1
    return len(text)
