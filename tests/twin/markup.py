"""Rich text, cleaned."""

from html.parser import HTMLParser

import nh3

from .text import WHITE_SPACE

TAGS = {"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "blockquote", "a", "span"}
WITHOUT_CONTENT = {"script", "style", "textarea", "option", "noscript"}


def sanitise(html: str) -> str:
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
