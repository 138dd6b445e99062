"""Records of an xlsb part ([MS-XLSB] 2.1.4): a number and a length of up to 2 and 4 bytes of 7 bits, then the data."""

import struct
from collections.abc import Iterable, Iterator

from import_worker.sources.limits import MAX_RECORD_BYTES
from import_worker.sources.workbooks.refusals import damaged, limit

_HEAD_BYTES = 6
_LENGTH = struct.Struct("<I")
NULL_LENGTH = 0xFFFFFFFF


def records(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each record's number and data. Raises ``JobFailed``: unreadable_file, and limit_exceeded beyond 16 MiB."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        at = 0
        # A head may be shorter than this, so the last records are read when the part has ended.
        while len(data) - at >= _HEAD_BYTES:
            number, size, start = _head(data, at)
            if start + size > len(data):
                if size > MAX_RECORD_BYTES:
                    raise limit(f"The workbook has a record of more than {MAX_RECORD_BYTES >> 20} MiB.")
                break
            yield number, data[start : start + size]
            at = start + size
        rest = data[at:]
    at = 0
    while at < len(rest):
        try:
            number, size, start = _head(rest, at)
        except IndexError:
            raise damaged("a part ends within a record") from None
        if start + size > len(rest):
            raise damaged("a part ends within a record")
        yield number, rest[start : start + size]
        at = start + size


def text_at(data: bytes, at: int) -> tuple[str, int]:
    """A string with its length in front (XLWideString; a null string is read as empty), and the offset where it ends.

    Half a surrogate pair is kept. Raises ``JobFailed`` (unreadable_file).
    """
    try:
        (length,) = _LENGTH.unpack_from(data, at)
    except struct.error:
        raise damaged("a text is cut off") from None
    start = at + 4
    if length == NULL_LENGTH:
        return "", start
    end = start + 2 * length
    if end > len(data):
        raise damaged("a text is cut off")
    return data[start:end].decode("utf-16-le", "surrogatepass"), end


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    number = data[at]
    at += 1
    if number & 0x80:
        number = (number & 0x7F) | (data[at] & 0x7F) << 7
        at += 1
    size = shift = 0
    while True:
        byte = data[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift == 28:
            return number, size, at
