"""JavaScript patterns: the linear engine says what JavaScript would say, and leaves the rest to the bounded one."""

import polars as pl
import pytest
import regress

from import_worker.forms.rules.bounded_patterns import BoundedPattern, Overruns
from import_worker.forms.rules.patterns import LinearPattern, compile_pattern

TEXTS = [
    "", "a", "b", "ab", "aab", "a b", "A1-_.", "é", "ü", "😀", "a😀b", "\n", "a\nb", "\r", "\u2028", "\x85", "\ufeff",
    "\xa0", "\u0661", "\u017f", "\u212a", "\x08", "\0", "&", "[", "]", "-", "{", "x{", "}", "~", "#@", "'", "/", "\\",
    "^", "$", "bbb", "\t", "\x0b", "\u180e", "ab-12", "AB-12", "AB-12\n", "K1A 0B1", "a{,2}",
]  # fmt: skip

LINEAR = [
    "", "a|", "^$", "^a$", "a$", ".", "^.$", "a.b", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\bb", r"b\b",
    "[a-c]", "[^a-c]", "[]", "[^]", r"[\b]", "[&&a]", "[+--]", "[[a]", r"[\]]", "[-a]", "[a-]", "[^-]", "[~~]",
    "[ -~]", r"[\d\s]", r"[^\d]", r"[^\W_]", r"[\D\d]", r"[\u0000-\uFFFF]", "[é-ü]", r"[a\-z]", r"[\w-.]", r"[!-\/]",
    r"\/", r"\.", r"\-", r"\@", r"\'", r"\u0061", r"\u{1F600}", r"\x41", r"\cJ", r"\0", r"\t", r"\n", r"\v",
    r"\p{L}", r"\P{L}", r"[\p{Lu}\d]", r"[^\p{L}]", "(?:a|b)", "(a|)b", "(?<x>a)b", "a{2}", "a{1,}", "a{0,2}b",
    "b{2,3}?", "a*?b", "x{", "}", "a{,2}", r"^[A-Z]{2}-\d{2}$", r"^[A-Z]\d[A-Z][ -]?\d[A-Z]\d$", "^(a+)+$", "#", "é",
]  # fmt: skip


@pytest.mark.parametrize("source", LINEAR)
def test_linear_patterns_mean_the_same(source: str) -> None:
    pattern = compile_pattern(source)

    assert isinstance(pattern, LinearPattern)
    try:
        javascript = regress.Regex(source, "u")
    except regress.RegressError:
        javascript = regress.Regex(source)
    found = pattern.found(pl.Series(TEXTS), Overruns()).to_list()
    assert dict(zip(TEXTS, found, strict=True)) == {text: javascript.find(text) is not None for text in TEXTS}


@pytest.mark.parametrize(
    "source",
    [
        "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", r"(?<n>a)\k<n>", r"a\Bb", "(?i:a)", r"\ud83d\ude00",
        r"[\ud800-\udfff]", r"\u{61}{2}\-", r"\p{Script=Greek}", "(?:a{100}){100}", "a{0,100000}", r"\e",
    ],
)  # fmt: skip
def test_the_rest_is_bounded(source: str) -> None:
    assert isinstance(compile_pattern(source), BoundedPattern)


@pytest.mark.parametrize("source", ["(", "[", "a**", "[z-a]", "a{2,1}", r"(?<n>a)(?<n>b)", "(?<=a"])
def test_invalid_patterns(source: str) -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        compile_pattern(source)


def test_deep_nesting_is_refused_not_crashed_upon() -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        compile_pattern("(" * 2_400 + ")" * 2_400)
