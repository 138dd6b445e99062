"""Sanitises rich text, in time that the text's length bounds.

The sanitiser builds a tree as a browser does, and at each tag looks through all open elements: for deeply nested
elements that takes time quadratic in the text's length. So a text of many tags is simplified first.
"""

import re
from collections.abc import Iterator

import nh3

MAX_MARKS = 1_000
"""A text with at most this many ``<`` takes some milliseconds, however it is nested."""

MAX_DEPTH = 100
"""Texts that people write are not a tenth as deep."""

_TAGS = frozenset({"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "blockquote", "a", "span"})
# The content of these is no text of the document and is removed; the content of all other tags stays.
_WITHOUT_CONTENT = frozenset({"script", "style", "textarea", "option", "noscript"})
_NOT_IN_P = frozenset({"p", "ul", "ol", "li", "blockquote"})
_SANITISER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITHOUT_CONTENT),
    # "*" replaces nh3's own list of what every tag may have (lang, title).
    attributes={"*": set(), "a": {"href", "target"}, "span": {"class"}},
    url_schemes={"http", "https", "mailto"},
    # A relative address was written for another site; here it would lead to a page of the platform.
    url_relative="deny",
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)

# A comment, or a tag whose attributes hold no angle bracket. Possessive: each character is looked at once.
_MARK = re.compile("<!--|<(?P<end>/?)(?P<name>[A-Za-z][^\\s/<>]*+)[^<>]*+>|<[!?/][^<>]*+>")


def sanitise_markup(text: str) -> str:
    """The text with only those tags, attributes and addresses that a rich text may have."""
    if text.count("<") > MAX_MARKS:
        text = "".join(_Simplifier(text).parts())
    return _SANITISER.clean(text)


class _Simplifier:
    """Simplifies a text: drops tags that are not allowed, closes each one that must be closed, and limits the nesting
    to ``MAX_DEPTH``."""

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
        """Where the next such mark begins; the text's end if there is none, which is searched for only once."""
        if mark not in self._endless and (found := re.compile(mark, re.IGNORECASE | re.ASCII).search(self._text, at)):
            return found.start()
        self._endless.add(mark)
        return len(self._text)
