"""Detects the encoding of a text file from a bounded sample of its bytes. Pure.

Evidence comes first: byte order marks, NULs beside every ASCII character, well-formed UTF-8. Only the remaining files,
in some older encoding, need a statistical guess: chardetng (the detector of a web browser) distinguishes the scripts,
and for the Latin script ``letters`` finds the encoding that puts the letters into words.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import text_codec
from import_worker.sources.detect.letters import LATIN, fit
from import_worker.sources.detect.text_format import Sureness

MAX_CONTROL_SHARE = 0.05
"""A tenth of random bytes are control characters, and almost none of a text's."""
HEAD_BYTES = 4_096
"""Enough to distinguish text from binary data, and UTF-16 from UTF-8."""
LEGACY_BYTES = 64 * 1024
"""How much of the lines with bytes beyond ASCII is examined; by measurement, more changes no result."""
MAX_UNDECODABLE_SHARE = 0.1
"""If a given encoding cannot read a tenth of the characters, it is the wrong one; if fewer, the rows are bad."""
MIN_WIDE_SHARE = 0.25
"""The least share of NULs in UTF-16 text that might be UTF-8 as well."""
CERTAIN_SEQUENCES = 4
"""Three UTF-8 sequences may occur by chance in another encoding."""
CLEAR_FIT = 0.8
"""An encoding is clear if this share of Latin letters fits words of one language. Letters of other scripts reach a few
percent."""
MAX_DAMAGE_FIT = 0.5
"""Up to half of a few bytes fit words by chance."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}
_BY_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
# Files said to be in one of these encodings often contain characters that only the superset has.
_SUPERSETS = {"gbk": "gb18030", "gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-1": "cp1252"}
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_STRAY_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_RUNS_OF_TWO = re.compile(rb"[\x80-\xff]{2}")
_ASCII = bytes(range(128))
_BEYOND_ASCII = bytes(range(128, 256))
_WHITE = "\t\n\v\f\r\x1b\x85"


@dataclass(frozen=True)
class Encoding:
    """``name`` is a Python codec's normal name, ``bom_bytes`` the length of the byte order mark before the text."""

    name: str
    bom_bytes: int
    sure: Sureness


def detect_encoding(sample: bytes, given: str | None, *, complete: bool) -> Encoding:
    """Detects the encoding. ``given`` is the job option. If ``complete`` is false, the sample may end within a
    character.

    Raises JobFailed ``unsupported_format`` for binary data and for a given encoding that does not fit. No retry helps.
    """
    marked = next(((mark, name) for mark, name in _BOMS if sample.startswith(mark)), None)
    if given is not None:
        return _given(sample, given, marked)
    if marked is not None:
        return Encoding(marked[1], len(marked[0]), Sureness.CERTAIN)
    if _may_be_wide(sample[:HEAD_BYTES]):
        wide = next((name for name in _WIDE if _reads_as(sample[:HEAD_BYTES], name)), None)
        if wide is not None:
            return Encoding(wide, 0, Sureness.LIKELY)
    refuse_binary(sample[:HEAD_BYTES].decode("latin-1"))
    return Encoding(*_eight_bits(sample if complete else _whole_characters(sample)))


def _may_be_wide(head: bytes) -> bool:
    """Whether the NULs may be halves of characters, rather than a few stray ones in a UTF-8 text."""
    nulls = head.count(0)
    if not nulls or nulls >= MIN_WIDE_SHARE * len(head):
        return nulls > 0
    rest = _SEQUENCE.sub(b"", head.replace(b"\0", b""))
    return not rest.isascii() or _has_controls(rest.decode("ascii"))


def decode_sample(sample: bytes, encoding: Encoding) -> str:
    """The sample's text without byte order mark; bytes that the encoding does not allow become U+FFFD."""
    text = sample[encoding.bom_bytes :]
    width = _WIDE.get(encoding.name, 1)
    return text[: len(text) - len(text) % width].decode(encoding.name, "replace")


def refuse_binary(head: str) -> None:
    """Raises JobFailed ``unsupported_format`` for a text with too many control characters; a single NUL is allowed."""
    if _has_controls(head):
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT, "The file is binary data, not text; upload a CSV file in UTF-8."
        )


def _has_controls(text: str) -> bool:
    return sum(character < " " and character not in _WHITE for character in text) > MAX_CONTROL_SHARE * len(text)


def detect_legacy_encoding(text: bytes) -> tuple[str, Sureness]:
    """The encoding of bytes that are not UTF-8. ``text`` should be whole lines with bytes beyond ASCII.

    ``utf-8`` if the bytes look like damage to a file that is otherwise UTF-8.
    """
    return _eight_bits(text)[::2]


def _given(sample: bytes, given: str, marked: tuple[bytes, str] | None) -> Encoding:
    try:
        wanted = text_codec(given)
    except ValueError as error:
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT, f"{given} {error}; name one such as utf-8 or cp1252."
        ) from None
    name = _BY_MARK.get(wanted, wanted)
    mark = b""
    if marked is not None and (marked[1] == name or (wanted in {"utf-16", "utf-32"} and marked[1].startswith(wanted))):
        mark, name = marked
    elif wanted in {"utf-16", "utf-32"} and _reads_as(sample[:HEAD_BYTES], f"{wanted}-be"):
        name = f"{wanted}-be"
    found = Encoding(name, len(mark), Sureness.GIVEN)
    head = sample[len(mark) : len(mark) + 16 * HEAD_BYTES]
    try:
        text = decode_sample(head, Encoding(name, 0, Sureness.GIVEN))
    except (UnicodeError, ValueError):
        text = "\ufffd"
    bad = sum(character == "\ufffd" or unicodedata.category(character) in {"Cn", "Co"} for character in text)
    if bad > MAX_UNDECODABLE_SHARE * len(text) + 1 or (text == "\ufffd" and head):
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            f"The file cannot be read in the encoding {given}; leave the option out or name the right encoding.",
        )
    if name in _WIDE and not _reads_as(head[:HEAD_BYTES], name) and head[:HEAD_BYTES].count(0) < 2:
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            f"The file is not in the encoding {given}; leave the option out or name the right encoding.",
        )
    refuse_binary(text[:HEAD_BYTES])
    return found


def _reads_as(head: bytes, encoding: str) -> bool:
    """Whether the bytes are text in that encoding (UTF-16 or UTF-32): it has some ASCII, as any table has, and hardly
    any unassigned characters. Bytes in the wrong order contain no ASCII."""
    width = _WIDE[encoding]
    text = head[: len(head) - len(head) % width].decode(encoding, "replace")
    if not text:
        return False
    wrong = sum(
        character == "\ufffd"
        or (character not in _WHITE and unicodedata.category(character) in {"Cc", "Cn", "Co", "Cs"})
        for character in text
    )
    return wrong <= 0.02 * len(text) and sum("\t" <= character < "\x7f" for character in text) > 0.03 * len(text)


def _whole_characters(sample: bytes) -> bytes:
    """The sample without a UTF-8 sequence that its end cuts off."""
    for back in range(1, min(4, len(sample)) + 1):
        byte = sample[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return sample[:-back] if back < length else sample
        if byte < 0x80:
            break
    return sample


def _eight_bits(text: bytes) -> tuple[str, int, Sureness]:
    """The encoding's name, zero (no byte order mark), and the sureness."""
    if text.isascii():
        return "utf-8", 0, Sureness.LIKELY
    rest, sequences = _SEQUENCE.subn(b"", text)
    if rest.isascii():
        return "utf-8", 0, Sureness.CERTAIN if sequences >= CERTAIN_SEQUENCES else Sureness.LIKELY
    stray = len(rest) - len(rest.translate(None, _BEYOND_ASCII))
    if sequences > stray:
        return "utf-8", 0, Sureness.LIKELY
    name, sure = _legacy(_stray_lines(text), stray)
    return name, 0, sure


def _stray_lines(text: bytes) -> bytes:
    lines, size = [], 0
    for line in _STRAY_LINE.finditer(text):
        lines.append(line[0][: LEGACY_BYTES // 4])
        size += len(lines[-1])
        if size >= LEGACY_BYTES:
            break
    return b"\n".join(lines)


def _legacy(lines: bytes, stray: int) -> tuple[str, Sureness]:
    fits = _fits(lines, stray)
    mended = _SEQUENCE.sub(b"o", lines)
    # These are damage: single bytes, or too few together to be a word, which are not where letters or signs may be.
    alone = stray <= 3 or _RUNS_OF_TWO.search(mended) is None
    if alone and max((fits if mended == lines else _fits(mended, stray)).values()) <= MAX_DAMAGE_FIT:
        return "utf-8", Sureness.GUESS
    import chardetng_py  # type: ignore[import-untyped]  # noqa: PLC0415  (most files are UTF-8)

    detector = chardetng_py.EncodingDetector()
    detector.feed(lines, last=True)
    browser = _normal(detector.guess(tld=None, allow_utf8=False))
    # If the letters fit several encodings equally, the browser's guess decides, unless it saw only one or two letters.
    bonus = 0.03 if len(set(lines.translate(None, _ASCII))) >= 3 else 0.0
    latin = max(fits, key=lambda name: fits[name] + (bonus if name == browser else 0.0))
    if fits[latin] >= CLEAR_FIT or (browser in LATIN and fits[latin] >= 0.4):
        return codecs.lookup(latin).name, Sureness.LIKELY if fits[latin] >= CLEAR_FIT else Sureness.GUESS
    return browser, Sureness.GUESS if browser in LATIN else Sureness.LIKELY


def _fits(lines: bytes, stray: int) -> dict[str, float]:
    return {name: fit(lines, name) for name in LATIN if stray >= 3 or name != "mac-roman"}


def _normal(name: str) -> str:
    """The Python codec's name for a web encoding."""
    names = {"x-mac-cyrillic": "mac_cyrillic", "iso-8859-8-i": "iso8859-8", "windows-874": "cp874"}
    codec = codecs.lookup(names.get(name.lower(), name)).name
    return _SUPERSETS.get(codec, codec)
