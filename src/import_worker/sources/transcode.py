"""Text of any encoding as UTF-8, with what the encoding does not allow marked instead of lost. Pure."""

import codecs
from collections.abc import Iterable, Iterator
from functools import cache

INVALID = b"\xff"
"""Stands for bytes that the source's encoding does not allow. Like ERROR_MARK it occurs in no UTF-8 text."""
ERROR_MARK = b"\xfe"
"""Stands before the name of a spreadsheet's error (``#N/A``), to tell it from a text."""

UTF8 = frozenset({"utf-8", "ascii"})
"""Encodings of a text that already is UTF-8."""

_BLOCK_BYTES = 1024 * 1024
_HANDLER = "import_worker.mark_invalid"
_BACK_HANDLER = "import_worker.keep_or_replace"
_ESCAPED_INVALID = INVALID.decode("utf-8", "surrogateescape")


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _ESCAPED_INVALID, error.end


def _keep_or_replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    first = ord(error.object[error.start])
    if 0xDC80 <= first <= 0xDCFF:
        return bytes([first - 0xDC00]), error.start + 1
    return "?", error.start + 1


codecs.register_error(_HANDLER, _mark_invalid)
codecs.register_error(_BACK_HANDLER, _keep_or_replace)


@cache
def reads_in_place(encoding: str) -> bool:
    """Whether delimiters, quotes and line ends of that encoding are the bytes that ASCII has for them, and no others.

    True of UTF-8 and of encodings with one byte a character; a Shift-JIS character may hold a ``|``.
    """
    if encoding in UTF8:
        return True
    high = range(0x80, 0x100)
    try:
        same = all(bytes([byte]).decode(encoding) == chr(byte) for byte in range(0x80))
        alone = all(len(bytes([byte, 0x41]).decode(encoding, "replace")) == 2 for byte in high)
        return same and alone and all(len(bytes([byte] * 2).decode(encoding, "replace")) == 2 for byte in high)
    except (UnicodeError, LookupError):
        return False


def to_utf8(data: bytes, encoding: str) -> bytes:
    """``data`` in UTF-8, INVALID where it is not of that encoding. UTF-8 itself is left as it is."""
    if encoding in UTF8 or data.isascii():
        return data
    return data.decode(encoding, _HANDLER).encode("utf-8", "surrogateescape")


def stream_to_utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The blocks of a text of any encoding, as ``to_utf8``; without a byte order mark."""
    if encoding in UTF8:
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)(_HANDLER)
    for block in blocks:
        # A block can become twice as long, and a caller expects blocks of about the same size.
        for start in range(0, len(block), _BLOCK_BYTES):
            yield decoder.decode(block[start : start + _BLOCK_BYTES]).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def from_text(text: str, encoding: str) -> bytes:
    """The text in that encoding, ``?`` for what it cannot say; bytes kept by ``surrogateescape`` come back."""
    return text.encode(encoding, _BACK_HANDLER)


def readable(data: bytes) -> bytes:
    """UTF-8 text without marks: U+FFFD for what was not valid, and a spreadsheet's errors by their names."""
    return data.replace(INVALID, "\ufffd".encode()).replace(ERROR_MARK, b"")
