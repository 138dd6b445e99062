"""Cells of e-mail and phone fields, postal codes, and rich text."""

# ruff: noqa: RUF001 (characters that look like others are the point)

from hypothesis import strategies as st

from .characters import SPACES, damaged, odd_text, padded, recased

EMAILS = (
    "ada@example.org",
    "A.B+tag@Sub.Example.CO.UK",
    "é@ü.de",
    "x@y.z",
    "ΟΔΟΣ@ΟΔΟΣ.gr",
    "İ@example.com",
    "'q'@e.org",
    "a\u200bb@c.d",
)
ODD_EMAILS = (
    "a@b", "a@b.", "a@.b", "a@..", "a@...", "@b.c", "a@", "a", "a@b@c.d", "a b@c.d", "a@b c.d", "a@b.c.",
    "a@.b.c", "a@b..c", "a@b.c\u3000", "a\x1c@b.c", "a@b.\ufeff", "a@b.c, d@e.f", "<a@b.c>", "mailto:a@b.c",
    "a@b．c", "a＠b.c", "a@b\u0085.c",
)  # fmt: skip

PHONES = (
    "6045550123", "604-555-0123", "(604) 555-0123", "+1 604 555 0123", "1.604.555.0123", "+44 20 7946 0958",
    "+33 1 23 45 67 89", "604/555/0123", "5550123", "+16045550123", "(+1) 604 555 0123", "+49 (0)30 901820",
    "011 44 20 7946 0958", "+1 (604) 555-0123",
)  # fmt: skip
EXTENSIONS = (
    "x5",
    " x5",
    " X 5",
    "ext5",
    " ext 12",
    " ext. 1234567",
    " EXT.5",
    " extension 7",
    "#9",
    " # 9",
    "\u00a0ext\u20035",
    " Extension5",
)
ODD_EXTENSIONS = (
    " ext .5",
    " ext",
    "x",
    " x12345678",
    " extn 5",
    " e 5",
    " xx5",
    "x5x6",
    " extenſion 5",
    ";5",
    " ext:5",
    ",5",
    " poste 5",
    " ext.. 5",
    "x 5 ",
    "\x1cx5",
)
ODD_PHONES = (
    "555012", "1234567", "123456789012345", "1234567890123456", "+", "++16045550123", "+1+6045550123",
    "1+6045550123", "604+5550123", "6045550123+", "------1234567", "604_555_0123", "604\u2010555\u20100123",
    "604\u00a05550123", "604\t555\t0123", "٦٠٤٥٥٥٠١٢٣", "６０４５５５０１２３", "1-800-FLOWERS",
    "tel:6045550123", "604 555 0123 or 0124", "(604 555 0123", ")604( 555 0123", "+999 1234567", "+0 1234567",
    "0000000", "+1 234 567", "+1 604 555 01234", "604555012", "+44 7", "911", "604.555.0123.", "n/a",
)  # fmt: skip

ALL_PHONES = (
    *PHONES,
    *ODD_PHONES,
    *(f"604 555 0123{extension}" for extension in EXTENSIONS + ODD_EXTENSIONS),
)

POSTAL_CODES = (
    "V6B1A1", "v6b 1a1", "V6B-1A1", " v6b1a1 ", "V6B  1A1", "V6B\u00a01A1", "V6B - 1A1", "V6B--1A1", "V6B1A",
    "V6B1A12", "V61B A1", "12345", "sw1a  1aa", "é6b1a1", "ſ1a1a1", "ı1a 1a1", "v６b1a1", "V6B\n1A1",
    "V6B\u20101A1", "k1a0b1", "K1A0B1", "ß1a1a1", "V6B 1A1 x",
)  # fmt: skip

MARKUP = (
    "<p>Hello</p>", "<b>bold</b> & <i>it</i>", "<script>alert(1)</script>", "<p onclick='x()'>y</p>",
    '<a href="https://example.org">z</a>', "<a href=\"javascript:x\">z</a>",
    "<a href='mailto:a@b.c' target=_top rel=me title=t>m</a>", "<a href=/relative>r</a>",
    "<a href='//host/p'>r</a>", "<a href='ftp://x/y'>f</a>", "<a>bare</a>",
    '<span class="a b" style="color:red">s</span>', "<ul><li>1<li>2</ul>", "<blockquote>q<br></blockquote>",
    "<h1>t</h1>", "<table><tr><td>c</td></tr></table>", "<!-- c -->", "<style>p{}</style>",
    "<img src=x onerror=y>", "&nbsp;", "&amp;&lt;&eacute;", "a < b > c", "<p", "</p>", "<", "&", "\"'\\",
    "<em>👍</em>", "<u>ß</u>", "<br/>", "\x1b", "\ufeff", "<svg><script>x</script></svg>",
    "<iframe>x</iframe>", "<A HREF='HTTP://X.Y'>u</A>", "<strong></strong>", "<p>\u2028</p>", "\r\n", "\r",
    "&#x0;", "&#13;", "<math><mi>x</mi></math>", "<option>o</option>", "<textarea>t</textarea>z", "<textarea>t",
    "<select><option>o</select>", "<noscript><p>x</p></noscript>", "<p>&nbsp;</p>", "<br>", "<ul><li></li></ul>",
    "&shy;", "\u200b", "&zwj;\u2060", "<p>\x01</p>", "<span class='a>b'></span>", "<a href='https://e.org/?a>b&c=\"'></a>",
    "\ufe0f", "\u3164", "&lt;p&gt;", "<!---->", "\u2800",
)  # fmt: skip

good_emails = padded(recased(st.sampled_from(EMAILS)))
odd_emails = padded(st.one_of(st.sampled_from(ODD_EMAILS), damaged(st.sampled_from(EMAILS)), odd_text))

_extended = st.builds("{}{}".format, st.sampled_from(PHONES), st.sampled_from(("", "", *EXTENSIONS)))
good_phones = padded(_extended)
odd_phones = padded(
    st.one_of(
        st.sampled_from(ODD_PHONES),
        st.builds("{}{}".format, st.sampled_from(PHONES + ODD_PHONES), st.sampled_from(EXTENSIONS + ODD_EXTENSIONS)),
        damaged(_extended),
        st.text("0123456789+()-./ x#", min_size=5, max_size=24),
    )
)

postal_codes = padded(st.one_of(st.sampled_from(POSTAL_CODES), damaged(st.sampled_from(POSTAL_CODES))))
rich_texts = st.lists(st.one_of(st.sampled_from(MARKUP), st.sampled_from(SPACES)), min_size=1, max_size=3).map("".join)
_many_tags = st.builds(
    lambda pieces, times: "".join(pieces) * times,
    st.lists(st.sampled_from(MARKUP), min_size=1, max_size=4),
    st.sampled_from((200, 501)),
)
_odd_markup = st.lists(st.one_of(st.sampled_from(MARKUP), odd_text), max_size=4).map("".join)
odd_rich_texts = st.integers(0, 9).flatmap(lambda draw: _many_tags if draw == 9 else _odd_markup)
