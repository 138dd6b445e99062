"""Detects the kind of a file from its first bytes, whatever its name says. Pure."""

from enum import StrEnum

from import_worker.errors import FailureReason, JobFailed

SIGNATURE_BYTES = 16


class Container(StrEnum):
    """The container format around the table."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"
    WORKBOOK = "workbook"
    """A zip archive or an OLE document, which may be an Excel or OpenDocument workbook."""


# gzip: RFC 1952, zstd (its frames and its skippable frames): RFC 8878, the others by their own specifications.
_READABLE = (
    (b"\x1f\x8b", Container.GZIP),
    (b"\x28\xb5\x2f\xfd", Container.ZSTD),
    *((bytes([0x50 + number]) + b"\x2a\x4d\x18", Container.ZSTD) for number in range(16)),
    (b"PK\x03\x04", Container.WORKBOOK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Container.WORKBOOK),
)
_OTHERS = (
    (b"%PDF-", "a PDF document"),
    (b"PAR1\x15", "a Parquet file"),  # "PAR1,PAR2" is the header of a golf course's table
    (b"PK\x05\x06", "an empty zip archive"),
    *((b"BZh%d1AY&SY" % level, "bzip2-compressed data") for level in range(1, 10)),
    (b"\xfd7zXZ\x00", "xz-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF87a", "a picture"),
    (b"GIF89a", "a picture"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "a text document (RTF)"),
)


def detect_container(beginning: bytes) -> Container:
    """``beginning`` is at least SIGNATURE_BYTES of the file, or all of it.

    Raises JobFailed ``unsupported_format`` for a known kind of file that is no table. No retry helps.
    """
    for signature, container in _READABLE:
        if beginning.startswith(signature):
            return container
    for signature, name in _OTHERS:
        if beginning.startswith(signature):
            raise JobFailed(
                FailureReason.UNSUPPORTED_FORMAT, f"The file is {name}; save the table as CSV or xlsx and upload that."
            )
    return Container.PLAIN
