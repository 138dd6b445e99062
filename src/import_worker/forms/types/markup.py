"""Rich text, made safe, and made plain enough that its length bounds the time that takes.

The sanitiser builds a tree as a browser does, and looks through all elements that are open at each tag: text that opens
one in another takes it time quadratic in its length. So a text of many tags is straightened first.
"""

import re
from collections.abc import Iterator

import nh3

MAX_MARKS = 1_000
"""With no more ``<`` than these a text takes some milliseconds at most, however it is nested."""

MAX_DEPTH = 100
"""A person's text is not a tenth as deep."""

_TAGS = frozenset({"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "blockquote", "a", "span"})
# What these hold is no text of the document; of all other tags the content stays.
_WITHOUT_CONTENT = frozenset({"script", "style", "textarea", "option", "noscript"})
_NOT_IN_P = frozenset({"p", "ul", "ol", "li", "blockquote"})
_SANITISER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITHOUT_CONTENT),
    # "*" replaces nh3's own list of what every tag may have (lang, title).
    attributes={"*": set(), "a": {"href", "target"}, "span": {"class"}},
    url_schemes={"http", "https", "mailto"},
    # Imported, it would lead to a page of the platform, whatever site it was written for.
    url_relative="deny",
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)

# A comment, or a tag whose attributes hold no angle bracket. Possessive: each character is looked at once.
_MARK = re.compile("<!--|<(?P<end>/?)(?P<name>[A-Za-z][^\\s/<>]*+)[^<>]*+>|<[!?/][^<>]*+>")


def sanitised(text: str) -> str:
    """Only the tags, attributes and addresses that a rich text may have."""
    if text.count("<") > MAX_MARKS:
        text = "".join(_Straight(text).parts())
    return _SANITISER.clean(text)


class _Straight:
    """A text's tags that may stay, each closed where it must be, none deeper than ``MAX_DEPTH``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[str] = []
        self._endless: set[str] = set()

    def parts(self) -> Iterator[str]:
        at = 0
        while mark := _MARK.search(self._text, at):
            yield self._text[at : mark.start()].replace("<", "&lt;")
            at = mark.end()
            name = (mark["name"] or "").lower()
            if mark[0] == "<!--":
                at = self._end("-->", at) + len("-->")
            elif mark["end"] and name in self._open:
                yield from self._close(name)
            elif not mark["end"] and name in _WITHOUT_CONTENT:
                at = self._end(f"</{name}", at)
            elif not mark["end"] and name in _TAGS:
                yield from self._begin(name, mark[0])
        yield self._text[at:].replace("<", "&lt;")
        while self._open:
            yield f"</{self._open.pop()}>"

    def _begin(self, name: str, tag: str) -> Iterator[str]:
        last = self._open[-1] if self._open else ""
        if (last == "p" and name in _NOT_IN_P) or last == name == "li":
            yield from self._close(last)
        if name == "br":
            yield "<br>"
        elif len(self._open) < MAX_DEPTH:
            self._open.append(name)
            yield tag

    def _close(self, name: str) -> Iterator[str]:
        closed = ""
        while closed != name:
            closed = self._open.pop()
            yield f"</{closed}>"

    def _end(self, mark: str, at: int) -> int:
        """Where the next such mark begins: the text's end, if there is none, which is found out once only."""
        if mark not in self._endless and (found := re.compile(mark, re.IGNORECASE | re.ASCII).search(self._text, at)):
            return found.start()
        self._endless.add(mark)
        return len(self._text)
