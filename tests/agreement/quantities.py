"""Cells of number and checkbox fields."""

# ruff: noqa: RUF001 (characters that look like others are the point)

from hypothesis import strategies as st

from .characters import damaged, padded, recased

ODD_NUMBERS = (
    ".5", "5.", "-.5", "+5.", ".", "-", "+", "-0", "+0", "-0.0", "0", "00", "007", "-007.50", "000,123",
    "0,123", "1,234", "1,234,567.89", "12,345e-2", "1,23", "1,2345", ",123", "1,234,56", "1234,567",
    "1,,234", "1,234,", "1.234,5", "1,234.567,890", "1 234", "1\u00a0234", "1'234", "1_000", "$5", "5%",
    "(5)", "5-", "--5", "+-5", "- 5", "1e5", "1E+05", "1e-05", "1e00", "1e-0", "1e-00", "5.e3", ".5e3",
    ".e3", "e3", "1e", "1e+", "1e5.0", "1e1,000", "0x1F", "1e131071", "1e131072", "9.99e131071", "10e131070",
    "10e131071", "10e131072", "0e131072", "0e131073", "0.5e131072", "0.5e131073", "-1e+0131071",
    "000e131072", "1e-16383", "1e-16384", "0.1e-16382", "0.1e-16383", ".00e-16381", ".00e-16382", "1e999999",
    "1e1000000", "1e-1000000", "1e99999999999999999999", "0e99999999999999999999", "1e-99999999999999999999",
    "1e00000000000000000005", "NaN", "Infinity", "-inf", "true", "null", "１２", "٣", "½", "1²", "1\u200b",
    "1\ufeff", "\ufeff1", "\x1c1", "0.1", "0.10", "0.30000000000000004", "9007199254740993",
    "123456789012345678901234567890.123456789", "1.0", "-1.50", "1e2", "100", "1E2", "99.999", "1" * 40,
    "0." + "3" * 60, "0" * 50 + "1", "9" * 400 + "e-380", "1" * 5000,
)  # fmt: skip

HUGE_NUMBERS = ("1" * 131_072, "1" * 131_073, "0" * 131_080 + "7", "0." + "1" * 16_383, "0." + "1" * 16_384)

digits = st.text("0123456789", min_size=1, max_size=6)
small_numbers = st.integers(-20, 200).map(str)
decimals = st.decimals(-1000, 1000, places=2).map(str)
grouped = st.integers(-(10**9), 10**12).map(lambda number: f"{number:,}")
composed = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(("", "", "-", "+")),
    st.one_of(digits, grouped, st.just("")),
    st.one_of(st.just(""), st.just("."), digits.map(".{}".format)),
    st.one_of(
        st.just(""),
        st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(("", "+", "-")), digits),
    ),
)

good_numbers = padded(st.one_of(small_numbers, small_numbers, decimals, grouped))
odd_numbers = padded(st.one_of(st.sampled_from(ODD_NUMBERS), st.sampled_from(ODD_NUMBERS), composed, damaged(composed)))
huge_numbers = st.sampled_from(HUGE_NUMBERS)

YES_AND_NO = ("true", "yes", "y", "1", "on", "false", "no", "n", "0", "off")
NEITHER = (
    "t",
    "f",
    "oui",
    "2",
    "01",
    "1.0",
    "-1",
    "yess",
    "y es",
    "truе",
    "ΟΝ",
    "x",
    "✓",
    "✔",
    "null",
    "n/a",
    "ſ",
    "falſe",
)

good_checkboxes = padded(recased(st.sampled_from(YES_AND_NO)))
odd_checkboxes = padded(st.one_of(st.sampled_from(NEITHER), damaged(st.sampled_from(YES_AND_NO))))
