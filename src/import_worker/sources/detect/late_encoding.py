"""Notices that a file which begins with ASCII has another encoding than UTF-8. Pure."""

import re
from collections.abc import Iterator

from import_worker.sources.detect.encoding import detect_legacy_encoding
from import_worker.sources.detect.text_format import Sureness, TextFormat

_BEFORE_BYTES, _AFTER_BYTES = 1024, 64 * 1024
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class OtherEncoding(Exception):
    """The file must be read again, in this encoding."""

    def __init__(self, encoding: str, sure: Sureness) -> None:
        super().__init__(encoding)
        self.encoding = encoding
        self.sure = sure


class EncodingWatch:
    """Examines the first text that is not ASCII, if the sample for the format's detection was all ASCII."""

    def __init__(self, sample: bytes, text: TextFormat) -> None:
        self._watching = text.encoding == "utf-8" and sample.isascii()

    def watch(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Passes the blocks on unchanged. Raises OtherEncoding."""
        for block in blocks:
            if self._watching and not block.isascii():
                self._look(block)
            yield block

    def _look(self, block: bytes) -> None:
        self._watching = False
        found = _NOT_ASCII.search(block)
        assert found is not None  # the block is not ASCII
        start = block.rfind(b"\n", 0, found.start()) + 1
        window = block[max(start, found.start() - _BEFORE_BYTES) : found.start() + _AFTER_BYTES]
        encoding, sure = detect_legacy_encoding(window[: window.rfind(b"\n") + 1] or window)
        if encoding != "utf-8":
            raise OtherEncoding(encoding, sure)
