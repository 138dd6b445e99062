"""Text of xlsx workbooks: shared strings, and the escapes that XML needs (ECMA-376 part 1, 18.4 and 22.9.2.19)."""

import re
from collections.abc import Iterable

from import_worker.sources.workbooks.cells import text_cell
from import_worker.sources.workbooks.markup import local, parse
from import_worker.sources.workbooks.strings import Strings

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """``_x000D_`` stands for a character that XML or its line ends cannot hold."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escaped halves of a surrogate pair are one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def shared_strings(chunks: Iterable[bytes]) -> Strings:
    """The table's texts as cells. Pronunciation (``rPh``) is no part of them. Raises ``JobFailed``."""
    table = _Table()
    parse(chunks, table.start, table.end, table.text)
    return table.strings


class _Table:
    """What is known between one tag and the next."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.text: list[str] = []
        self._runs: list[str] = []
        self._phonetic = False
        self._prefix: str | None = None
        self._item = self._run = self._reading = ""

    def start(self, tag: str, _: dict[str, str]) -> None:
        self.text.clear()
        if tag == self._reading:
            self._phonetic = True
        elif self._prefix is None:
            self._prefix = prefix = tag.removesuffix(local(tag))
            self._item, self._run, self._reading = f"{prefix}si", f"{prefix}t", f"{prefix}rPh"

    def end(self, tag: str) -> None:
        if tag == self._run:
            if not self._phonetic:
                self._runs += self.text
        elif tag == self._item:
            self.strings.add(text_cell(unescaped("".join(self._runs))))
            self._runs.clear()
        elif tag == self._reading:
            self._phonetic = False
