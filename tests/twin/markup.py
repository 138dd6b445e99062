"""Rich text, cleaned."""

from html.parser import HTMLParser

import nh3

from .text import WHITE_SPACE

TAGS = {"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "blockquote", "a", "span"}
WITHOUT_CONTENT = {"script", "style", "textarea", "option", "noscript"}


def sanitise(html: str) -> str:
    if html.count("<") > 1_000:
        html = simplify(html)
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=WITHOUT_CONTENT,
        attributes={"*": set(), "a": {"href", "target"}, "span": {"class"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def simplify(html: str) -> str:
    """What the validation page does to a text of many tags before it is sanitised."""
    result = ""
    opened: list[str] = []
    while html:
        mark, html = _split(html)
        name, end = _name_of(mark)
        if mark == "<":
            result += "&lt;"
        elif not name:
            result += "" if mark.startswith("<") else mark
        elif end and name in opened:
            result += _closed(opened, name)
        elif name == "br" and not end:
            result += "<br>"
        elif name in TAGS and not end:
            if opened and (opened[-1], name) in CLOSING:
                result += _closed(opened, opened[-1])
            if len(opened) < 100:
                opened.append(name)
                result += mark
        elif name in WITHOUT_CONTENT and not end:
            at = _lowered(html).find(f"</{name}")
            html = html[at:] if at >= 0 else ""
    return result + "".join(f"</{name}>" for name in reversed(opened))


def _closed(opened: list[str], name: str) -> str:
    """The end tags of all that is open in the innermost element of this name, and of itself."""
    result = ""
    while not result.endswith(f"</{name}>"):
        result += f"</{opened.pop()}>"
    return result


CLOSING = {("p", "p"), ("p", "ul"), ("p", "ol"), ("p", "li"), ("p", "blockquote"), ("li", "li")}
"""What is open innermost, and what closes it by beginning."""


def _split(html: str) -> tuple[str, str]:
    """A text or a mark at the beginning (a ``<`` that is no mark alone), and what follows."""
    if html.startswith("<!--"):
        end = html.find("-->", 4)
        return ("<!>", html[end + 3 :]) if end >= 0 else ("<!>", "")
    if not html.startswith("<"):
        end = html.find("<")
        return (html[:end], html[end:]) if end >= 0 else (html, "")
    end = min((at for at in (html.find("<", 1), html.find(">")) if at >= 0), default=len(html))
    is_mark = html[end : end + 1] == ">" and (_name_of(html)[0] or html[1] in "!?/")
    return (html[: end + 1], html[end + 1 :]) if is_mark else ("<", html[1:])


def _name_of(mark: str) -> tuple[str, bool]:
    """A tag's name in lower case, if it is a tag, and whether it is an end."""
    end = mark.startswith("</")
    rest = mark[2 if end else 1 :]
    if not mark.startswith("<") or not rest[:1].isascii() or not rest[:1].isalpha():
        return "", False
    size = next((at for at, character in enumerate(rest) if character.isspace() or character in "/<>"), len(rest))
    return rest[:size].lower(), end


def _lowered(text: str) -> str:
    """ASCII letters in lower case; the length stays."""
    return "".join(character.lower() if character.isascii() else character for character in text)


IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""The characters with the Unicode property Default_Ignorable_Code_Point."""


def shows_nothing(html: str) -> bool:
    """Whether nothing of a sanitised text can be read."""
    return not any(map(_is_visible, _Text(html).characters))


def _is_visible(character: str) -> bool:
    code = ord(character)
    if character in WHITE_SPACE or code < 0x20 or 0x7F <= code < 0xA0:
        return False
    return not any(first <= code <= last for first, last in IGNORABLE)


class _Text(HTMLParser):
    """The text between the tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.characters = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.characters += data
