"""Texts of xlsx workbooks: shared strings, and escapes for characters that XML cannot hold (ECMA-376 part 1, 18.4 and
22.9.2.19)."""

import re
from collections.abc import Iterable

from import_worker.sources.workbooks.cells import text_cell
from import_worker.sources.workbooks.strings import Strings
from import_worker.sources.workbooks.xml_events import local_name, parse

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Replaces escapes such as ``_x000D_`` by the characters that they stand for."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escaped halves of a surrogate pair are one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def shared_strings(chunks: Iterable[bytes]) -> Strings:
    """The shared strings as cells, without phonetic text (``rPh``). Raises ``JobFailed``."""
    table = _SharedStringsReader()
    parse(chunks, table.start, table.end, table.text)
    return table.strings


class _SharedStringsReader:
    """The state of reading between one tag and the next."""

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
            self._prefix = prefix = tag.removesuffix(local_name(tag))
            self._item, self._run, self._reading = f"{prefix}si", f"{prefix}t", f"{prefix}rPh"

    def end(self, tag: str) -> None:
        if tag == self._run:
            if not self._phonetic:
                self._runs += self.text
        elif tag == self._item:
            self.strings.add(text_cell(unescape("".join(self._runs))))
            self._runs.clear()
        elif tag == self._reading:
            self._phonetic = False
