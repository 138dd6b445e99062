"""Text-like fields: rich text, e-mail addresses, phone numbers, postal codes."""

import time
from collections.abc import Callable

import pytest

Read = Callable[..., str]
NOT_EMAIL = "invalid_email: Not an e-mail address"
NOT_PHONE = "invalid_phone: Not a phone number"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("plain", "plain"),
        ("a & b", "a &amp; b"),
        ("x\ry", "x\\ny"),
        ("a\u00a0b", "a&nbsp;b"),
        ("<p onclick=x>hi<script>bad()</script></p>", "<p>hi</p>"),
        ("<p title=t lang=fr>x</p>", "<p>x</p>"),
        ("<option>o</option>x<select><option>p</select>", "x"),
        ("<textarea>t</textarea>z", "z"),
        ("a<noscript><p>n</p></noscript><TEXTAREA>x", "a"),
        ("<p>&nbsp;</p><br><!-- c -->", "<p>&nbsp;</p><br>"),
        ("<a href='//e.org/x'>l</a>", '<a target=\\"_blank\\" rel=\\"noopener noreferrer\\">l</a>'),
        ("<a href='#top'>l</a>", '<a target=\\"_blank\\" rel=\\"noopener noreferrer\\">l</a>'),
        ("<a href='/here'>l</a>", '<a target=\\"_blank\\" rel=\\"noopener noreferrer\\">l</a>'),
        ("<span class=c id=i>x</span><div>y</div>", '<span class=\\"c\\">x</span>y'),
        (
            "<a href='https://x.y' target=_self rel=z title=t>l</a>",
            '<a href=\\"https://x.y\\" target=\\"_blank\\" rel=\\"noopener noreferrer\\">l</a>',
        ),
        (
            "<a href='javascript:x'>l</a>",
            '<a target=\\"_blank\\" rel=\\"noopener noreferrer\\">l</a>',
        ),
    ],
)
def test_sanitises_rich_text(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "rich_text"}) == f'"{stored}"'


@pytest.mark.parametrize(
    "cell",
    [
        "&nbsp;", "<p></p>", "<p><br></p>", "<br>", "<ul><li>&#8203;</li></ul>", "&shy;", "\u200b\u2060",
        "\u200e&nbsp; ", "<b>\ufeff</b>", "\x01", "<a href='https://e.org/?a>b'> </a>", "<span class='a>b'></span>",
        "<span class='c&quot;>'> </span>", "\u3164", "\ufe0f",
    ],
)  # fmt: skip
def test_rich_text_that_shows_nothing_is_stored_but_does_not_do_where_it_is_required(
    read_cell: Read, cell: str
) -> None:
    rules = [{"type": "min_length", "value": 999}]
    assert read_cell(cell, {"type": "rich_text"}).startswith('"')
    assert read_cell(cell, {"type": "rich_text", "required": True, "validation": rules}) == (
        "required: Missing required field"
    )


@pytest.mark.parametrize(
    "cell", ["0", "&amp;nbsp;", "&lt;p&gt;", "<p>.</p>", "\u2800", "👍\ufe0f", "<b>x", "-", "e\u0301"]
)
def test_rich_text_that_shows_something_is_there(read_cell: Read, cell: str) -> None:
    assert not read_cell(cell, {"type": "rich_text", "required": True}).startswith("required")


def test_judging_rich_text_takes_time_in_proportion_to_its_length(read_cell: Read) -> None:
    field = {"type": "rich_text", "required": True}
    began = time.monotonic()
    pieces = ("<p>", "&nbsp;", '<a href="', "<option>", "<", "<!--", "<ul><li>", "<blockquote>", "<b><ul></b>", "</p>")
    for piece in pieces:  # the lists alone would take minutes if nothing bounded how deep they are
        read_cell(piece * 100_000, field)
    assert time.monotonic() - began < 60


def test_a_long_text_keeps_its_tags_and_one_without_a_bottom_its_first_hundred(read_cell: Read) -> None:
    paragraph = "<p>One <b>two</b> &amp; <A href='https://e.org/'>three</A><br/>4 < 5</p><ul><li>a<li>b</ul><!-- c -->"
    once, often = (read_cell(paragraph * times, {"type": "rich_text"}).strip('"') for times in (1, 100))
    assert often == once * 100
    assert read_cell("<ul>" * 2_000 + "x", {"type": "rich_text"}).count("<ul>") == 100
    assert read_cell("<p>a</p><option>b</OPTION>c" * 501, {"type": "rich_text"}) == '"' + "<p>a</p>c" * 501 + '"'
    assert read_cell("<textarea>" + "<p>a</p>" * 501, {"type": "rich_text"}) == "missing"


@pytest.mark.parametrize("cell", [" ", "<img src=x>", "<option>o</option>", "<script>x</script>", "<!-- c --> "])
def test_rich_text_of_nothing_is_missing(read_cell: Read, cell: str) -> None:
    assert read_cell(cell, {"type": "rich_text"}) == "missing"
    assert read_cell(cell, {"type": "rich_text", "required": True}) == "required: Missing required field"


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (" Ann@Example.com ", '"Ann@Example.com"'),
        ("é@ü.ç", '"é@ü.ç"'),
        ("a@b.", NOT_EMAIL),
        ("a@b", NOT_EMAIL),
        ("a@.b", NOT_EMAIL),
        ("@a.b", NOT_EMAIL),
        ("a b@c.d", NOT_EMAIL),
        ("a@b@c.d", NOT_EMAIL),
        ("a@b..c", '"a@b..c"'),
        ("a@b.c\n", '"a@b.c"'),
        ("a@b.c\nd", NOT_EMAIL),
    ],
)
def test_email(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "email"}) == stored


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (" (416) 555-0100 ", '"(416) 555-0100"'),
        ("+1.416/555-0100", '"+1.416/555-0100"'),
        ("(+1) 416 555 0100", '"(+1) 416 555 0100"'),
        ("1234567", '"1234567"'),
        ("123456789012345", '"123456789012345"'),
        ("123456", NOT_PHONE),
        ("1234567890123456", NOT_PHONE),
        ("++14165550100", NOT_PHONE),
        ("1+4165550100", NOT_PHONE),
        ("416\t555-0100", NOT_PHONE),
        ("4165550100x1", '"4165550100x1"'),
        ("4165550100 EXT. 1234567", '"4165550100 EXT. 1234567"'),
        ("4165550100\tExtension 1", '"4165550100\\tExtension 1"'),
        ("4165550100#1", '"4165550100#1"'),
        ("4165550100 exten\u017fion 1", NOT_PHONE),
        ("4165550100 x", NOT_PHONE),
        ("4165550100 x12345678", NOT_PHONE),
        ("٤١٦٥٥٥٠١٠٠", NOT_PHONE),
    ],
)
def test_phone(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "phone"}) == stored


@pytest.mark.parametrize("kind", ["phone", "text", "textarea"])
@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        (" (416) 555-0100 ext 5", '"+14165550100"'),
        ("+33 1 42 68 53 00", '"+33142685300"'),
        ("+1 416 555 01000", NOT_PHONE),
        ("+999 416 555 0100", NOT_PHONE),
        ("not a number", NOT_PHONE),
    ],
)
def test_normalized_phone(read_cell: Read, kind: str, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": kind}, {"normalize": "phone"}) == stored


@pytest.mark.parametrize("kind", ["email", "text", "textarea"])
@pytest.mark.parametrize(("cell", "stored"), [(" A@B.C ", '"a@b.c"'), ("nobody", NOT_EMAIL)])
def test_normalized_email(read_cell: Read, kind: str, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": kind}, {"normalize": "email"}) == stored


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("k1a0b1", "K1A 0B1"),
        (" k1a-0b1 ", "K1A 0B1"),
        ("K1A \t 0B1", "K1A 0B1"),
        ("K1A--0B1", "K1A--0B1"),
        ("k1a 0b", "K1A 0B"),
        ("90210\u2003 x", "90210 X"),
    ],
)
def test_postal_code(read_cell: Read, cell: str, stored: str) -> None:
    assert read_cell(cell, {"type": "text"}, {"normalize": "postal_code"}) == f'"{stored}"'


@pytest.mark.parametrize("normalize", ["phone", "email", "postal_code"])
def test_normalize_means_nothing_for_other_types(read_cell: Read, normalize: str) -> None:
    assert read_cell(" 7 ", {"type": "number"}, {"normalize": normalize}) == "7"
    assert read_cell(" k1a0b1 ", {"type": "rich_text"}, {"normalize": normalize}) == '" k1a0b1 "'
