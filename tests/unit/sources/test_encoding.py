"""What the bytes prove is found exactly; what they only suggest is found for every language of the corpus."""

# ruff: noqa: RUF001  (letters that look like others are what this is about)

import codecs
import encodings.aliases
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.detect.encoding import decode_sample, detect_encoding, detect_legacy_encoding
from import_worker.sources.detect.text_format import Sureness
from tests.corpus.languages import LANGUAGES
from tests.corpus.tables import stock

ASCII = "id;name\n" + "".join(f"{number};Lamp {number}\n" for number in range(30))
LEGACY = [(language, encoding) for language, words in LANGUAGES.items() for encoding in words.legacy[:4]]


def text_in(language: str, *, rows: int) -> str:
    table = stock(LANGUAGES[language], random.Random(language), comma=True)
    return "".join(";".join(row) + "\r\n" for row in table[: rows + 1])


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_is_certain(name: str) -> None:
    mark = "\ufeff".encode(name)
    found = detect_encoding(mark + ASCII.encode(name), None, complete=True)
    assert (found.name, found.bom_bytes, found.sure) == (name, len(mark), Sureness.CERTAIN)
    assert decode_sample(mark + ASCII.encode(name), found) == ASCII


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_are_seen_without_a_mark(name: str, language: str) -> None:
    data = text_in(language, rows=2).encode(name)
    assert detect_encoding(data, None, complete=True).name == name
    assert detect_encoding(data[:-3], None, complete=False).name == name


@pytest.mark.parametrize(
    ("text", "sure"), [("a;b\n", "likely"), ("a;é\n", "likely"), ("éèêç;ä\n", "certain"), ("日本;東京\n", "certain")]
)
def test_well_formed_utf_8_is_utf_8(text: str, sure: str) -> None:
    found = detect_encoding(text.encode(), None, complete=True)
    assert (found.name, found.bom_bytes, found.sure) == ("utf-8", 0, sure)


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_character_that_the_end_of_the_sample_cuts_is_no_evidence(missing: int) -> None:
    data = ("a;b\n" + "\U0001f511").encode()[:-missing]
    assert detect_encoding(data, None, complete=False).name == "utf-8"
    assert decode_sample(data, detect_encoding(data, None, complete=False)).startswith("a;b\n")


@pytest.mark.parametrize(
    "damage",
    [b"\xff", b"\x81", b"bad\xff", b"\xff\xfe", b"ab\x81c", b"\xc3\x28", b"x\x80y", b"\xe2\x82", b"\xf0\x28\x8c\x28"],
)
@pytest.mark.parametrize("others", ["", "Größe", "日本"])
def test_a_few_damaged_bytes_do_not_make_another_encoding(damage: bytes, others: str) -> None:
    data = ASCII.replace("Lamp 3", others or "Rug").encode().replace(b"Lamp 7", b"Lamp " + damage, 1)
    assert detect_encoding(data, None, complete=True).name == "utf-8"


@pytest.mark.parametrize(("good", "stray"), [(3, 2), (30, 2)])
def test_more_good_sequences_than_stray_bytes_are_utf_8(good: int, stray: int) -> None:
    data = "Größe\n".encode() * (good // 2) + b"\xc3\xa9" * (good % 2) + b"\n" + "grün;".encode("cp1252") * stray
    assert detect_encoding(data, None, complete=True).name == "utf-8"


@pytest.mark.parametrize(("language", "encoding"), LEGACY)
@pytest.mark.parametrize("rows", [1, 5, 40])
def test_an_older_encoding_is_found_from_few_rows(language: str, encoding: str, rows: int) -> None:
    text = text_in(language, rows=rows)
    found = detect_encoding(text.encode(encoding), None, complete=True)
    assert text.encode(encoding).decode(found.name) == text
    assert codecs.lookup(found.name).name == found.name


@pytest.mark.parametrize(
    "words",
    ["It’s late", "“fine”, so to say", "5 € each", "£20 off", "20 °C", "café", "naïve plan", "10–20 pieces", "½ box",
     "São Paulo", "µm scale", "Ångström", "façade", "wait…", "™ brand", "© 2024", "±5 %", "m² floor", "piñata", "AÑO"],
)  # fmt: skip
def test_one_character_of_windows_1252_is_enough(words: str) -> None:
    data = ASCII.replace("Lamp 7", words, 1).encode("cp1252")
    assert data.decode(detect_encoding(data, None, complete=True).name) == data.decode("cp1252")


def test_a_euro_sign_tells_latin_9_from_latin_1() -> None:
    assert detect_legacy_encoding("Preis;Ort\n5 €;Köln\n6 €;Jülich\n".encode("iso8859-15"))[0] == "iso8859-15"


def test_a_window_far_into_a_file_is_judged_by_itself() -> None:
    assert detect_legacy_encoding("3;Żarówka;Łódź\n4;Śrubokręt;Gdańsk\n".encode("cp1250")) == (
        "cp1250",
        Sureness.LIKELY,
    )
    assert detect_legacy_encoding(b"3;\xff;4\n")[0] == "utf-8"


@pytest.mark.parametrize(
    ("option", "data", "name", "bom_bytes"),
    [
        ("latin-1", b"caf\xe9\n", "iso8859-1", 0),
        ("utf-8-sig", b"\xef\xbb\xbfa\n", "utf-8", 3),
        ("utf-8", b"\xef\xbb\xbfa\n", "utf-8", 3),
        ("utf-16", "\ufeffa;b\n".encode("utf-16-be"), "utf-16-be", 2),
        ("utf-16", "a;b\n".encode("utf-16-be"), "utf-16-be", 0),
        ("utf-16", "a;b\n".encode("utf-16-le"), "utf-16-le", 0),
        ("cp1252", "é;ü\n".encode(), "cp1252", 0),
        ("utf-8", b"a;\xff\n" + ASCII.encode(), "utf-8", 0),
    ],
)
def test_an_option_is_obeyed(option: str, data: bytes, name: str, bom_bytes: int) -> None:
    found = detect_encoding(data, option, complete=True)
    assert (found.name, found.bom_bytes, found.sure) == (name, bom_bytes, Sureness.GIVEN)


@pytest.mark.parametrize("option", ["no-such-codec", "base64", "rot13", "zlib"])
def test_an_option_that_is_no_text_encoding_is_refused(option: str) -> None:
    refuse(ASCII.encode(), option)


@pytest.mark.parametrize(
    ("option", "data"),
    [
        ("utf-16", ASCII.encode()),
        ("utf-32", ASCII.encode()),
        ("utf-8", text_in("russian", rows=5).encode("cp1251")),
        ("ascii", text_in("greek", rows=5).encode()),
        ("utf-8", ASCII.encode("utf-16")),
    ],
)
def test_an_option_that_cannot_read_the_file_is_refused(option: str, data: bytes) -> None:
    refuse(data, option)


def test_binary_data_is_refused() -> None:
    refuse(random.Random(1).randbytes(10_000), None)
    refuse(b"\x7fELF\x02\x01\x01" + bytes(4_000), None)


def refuse(data: bytes, option: str | None) -> None:
    with pytest.raises(JobFailed) as failure:
        detect_encoding(data, option, complete=True)
    assert failure.value.reason is FailureReason.UNSUPPORTED_FORMAT


@given(
    st.binary(max_size=300), st.sampled_from([None, *sorted(set(encodings.aliases.aliases.values()))]), st.booleans()
)
@settings(max_examples=600, deadline=None)
def test_any_bytes_have_an_encoding_or_are_refused(data: bytes, option: str | None, complete: bool) -> None:
    try:
        found = detect_encoding(data, option, complete=complete)
    except JobFailed:
        return
    assert codecs.lookup(found.name).name == found.name
    assert isinstance(decode_sample(data, found), str)
