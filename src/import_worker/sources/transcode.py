"""Converts text of any encoding to UTF-8; bytes that the encoding does not allow are marked instead of lost. Pure."""

import codecs
from collections.abc import Iterable, Iterator
from functools import cache

INVALID = b"\xff"
"""Replaces bytes that the source's encoding does not allow. Like ERROR_MARK it occurs in no UTF-8 text."""
ERROR_MARK = b"\xfe"
"""Precedes the name of a spreadsheet's error (``#N/A``), to distinguish it from a text."""

UTF8 = frozenset({"utf-8", "ascii"})
"""Encodings whose texts are UTF-8 already."""

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
    """Whether a text in that encoding can be cut and read without conversion: each byte that is ASCII is that
    character.

    True for UTF-8 and for encodings with one byte per character. False for Shift-JIS, where a byte of a character may
    be the byte of ``|``.
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
    """Converts ``data`` to UTF-8, with INVALID for bytes that the encoding does not allow. UTF-8 is returned as it
    is."""
    if encoding in UTF8 or data.isascii():
        return data
    return data.decode(encoding, _HANDLER).encode("utf-8", "surrogateescape")


def stream_to_utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Converts the blocks of a text as ``to_utf8`` does. The text must not begin with a byte order mark."""
    if encoding in UTF8:
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)(_HANDLER)
    for block in blocks:
        # A block can become twice as long, and a caller expects blocks of about the same size.
        for start in range(0, len(block), _BLOCK_BYTES):
            yield decoder.decode(block[start : start + _BLOCK_BYTES]).encode("utf-8", "surrogateescape")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def encode_text(text: str, encoding: str) -> bytes:
    """Encodes the text, with ``?`` for characters that the encoding lacks; bytes kept by ``surrogateescape`` are
    restored."""
    return text.encode(encoding, _BACK_HANDLER)


def remove_marks(data: bytes) -> bytes:
    """UTF-8 text without this module's marks: U+FFFD for each INVALID, and the names of a spreadsheet's errors
    alone."""
    return data.replace(INVALID, "\ufffd".encode()).replace(ERROR_MARK, b"")
