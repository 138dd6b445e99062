"""Text in which something may be odd: scripts, accents, spaces, quotes, control characters."""

# ruff: noqa: RUF001 (characters that look like others are the point)

from hypothesis import strategies as st

WORDS = (
    "a", "Z", "ab", "Hello", "WORLD", "o'brien", "van der Berg", "jean-luc", "McDonald", "x1y2", "3rd",
    "007", "foo", "bar", "é", "École", "e\u0301", "MARI\u0301A", "JOSE\u0301 N\u0303", "ß", "STRASSE",
    "straße", "ẞ", "İ", "ı", "I", "i", "i\u0307", "ſ", "\u212a", "\u212b", "ΟΔΟΣ", "ὈΔΥΣΣΕΎΣ", "σ", "ς", "Σ",
    "aΣ", "AΣ.", "Σ\u0301", "ǆ", "ǅ", "Ǆ", "ŉ", "ﬁ", "ﬃ", "ΐ", "ᾳ", "ᾼ", "ⅷ", "Ⅷ", "ⓐ", "ª", "ʼn",
    "שלום", "مرحبا", "\u202eabc\u202c", "日本語", "한글", "हिन्दी", "ไทย", "👍",
    "👩\u200d👩\u200d👧", "🇨🇦", "e\ufe0f\u20e3",
    "𝒳", "𐐀", "𐐨", "Ꭰ", "ꭰ", "ა", "Ა", "٣", "１", "½", "²", "߁",
)  # fmt: skip
SPACES = (
    " ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x85", "\xa0", "\u1680", "\u2003", "\u200a", "\u2028",
    "\u2029", "\u202f", "\u205f", "\u3000",
)  # fmt: skip
NOT_QUITE_SPACES = (
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    "\u200b",
    "\u180e",
    "\ufeff",
    "\u2060",
    "\u200e",
    "\u0345",
)
MARKS = (
    '"', "'", "\\", "\\n", "\\u0041", "/", ",", ";", "|", ".", "-", "_", "@", "#", "$", "%", "&", "&amp;",
    "<", ">", "<b>", "{", "}", "[", "]", "(", ")", "*", "+", "?", "^", "=", "\x01", "\x08", "\x1b", "\x7f",
    "\x80", "\xad", "\ufffd", "\uffff", "\U0010ffff", "\ue000",
)  # fmt: skip

ODD_TEXTS = WORDS + SPACES + NOT_QUITE_SPACES + MARKS

# Letters whose upper- or lower-case partner is younger than Python 3.11's Unicode 14.
TOO_YOUNG = "\u0264\u019b\ua7d3\ua7d5"

anything = st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\x00" + TOO_YOUNG)
words = st.sampled_from(WORDS)
spaces = st.sampled_from(SPACES)
oddities = st.sampled_from(NOT_QUITE_SPACES + MARKS + SPACES)
blanks = st.sampled_from(("", "", "", " ", "\t", "\xa0", "\u3000 ", "\x85\u2028", " \n "))

plain_text = st.lists(words, min_size=1, max_size=3).map(" ".join)
odd_text = st.lists(st.one_of(words, oddities, anything), max_size=6).map("".join)
long_text = st.builds(
    lambda text, times: (text or "é") * times, odd_text, st.sampled_from((99, 333, 999, 1000, 1001, 1500))
)


def padded(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Sometimes with white space (or what looks like it) around."""
    sides = st.sampled_from(("", "", "", *SPACES))
    return st.builds(lambda left, text, right: left + text + right, sides, inner, sides)


def recased(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    changes = st.sampled_from((str, str, str.upper, str.lower, str.title, str.swapcase, str.casefold))
    return st.builds(lambda change, text: change(text), changes, inner)


def damaged(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """With one character too many, too few or exchanged."""

    def damage(text: str, position: int, piece: str, removed: int) -> str:
        at = position % (len(text) + 1)
        return text[:at] + piece + text[at + removed :]

    pieces = st.one_of(st.just(""), oddities, words, st.sampled_from("0123456789"))
    return st.builds(damage, inner, st.integers(0, 40), pieces, st.integers(0, 1))
