"""What a source file is, from a bounded sample of its first bytes. Pure."""

import csv
import io
from dataclasses import dataclass

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.dialect import Dialect

SAMPLE_BYTES = 1024 * 1024
MAX_CONTROL_SHARE = 0.05
"""Random bytes have a tenth of control characters, text next to none."""
DELIMITERS = (",", ";", "\t", "|")
UTF8_BOM = b"\xef\xbb\xbf"

_SIGNATURES = (
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"PK\x03\x04", "a zip archive or an Excel or OpenDocument workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook or another Office document"),
    (b"%PDF-", "a PDF document"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"PAR1", "a Parquet file"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")


@dataclass(frozen=True)
class Detected:
    """``data_start`` is the byte (from 0) at which text begins, behind a byte order mark."""

    dialect: Dialect
    data_start: int


def detect(sample: bytes, options: JobOptions) -> Detected:
    """Recognises the file's format and dialect; options override what is found.

    Raises JobFailed ``source_file_empty``, ``unsupported_format``.
    """
    start = len(UTF8_BOM) if sample.startswith(UTF8_BOM) else 0
    text = sample[start:]
    if not text.strip(b"\r\n\t ,;|"):
        if len(sample) < SAMPLE_BYTES:
            raise JobFailed(FailureReason.SOURCE_FILE_EMPTY, "The file is empty; upload a file with a header and rows.")
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT, "The file begins with a megabyte of blanks; upload a CSV file."
        )
    for signature, name in _SIGNATURES:
        if sample.startswith(signature):
            raise JobFailed(
                FailureReason.UNSUPPORTED_FORMAT,
                f"The file is {name}; save it as CSV in UTF-8 and upload that.",
            )
    if text[:256].lstrip().lower().startswith(_MARKUP):
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            "The file is a web page or XML, not a table (did a download end at a login page?); upload a CSV file.",
        )
    if _control_share(text[:4096]) > MAX_CONTROL_SHARE:
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT, "The file is binary data, not text; upload a CSV file in UTF-8."
        )
    if options.encoding not in (None, "utf-8", "utf-8-sig", "ascii"):
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            f"The encoding {options.encoding} is not supported; save the file as CSV in UTF-8 and upload that.",
        )
    quote = '"' if options.quote is None else options.quote or None
    delimiter = options.delimiter or _delimiter(text, quote)
    return Detected(Dialect(delimiter=delimiter, quote=quote), data_start=start)


def _control_share(text: bytes) -> float:
    """The share of control characters other than white space; a stray NUL in a text is not yet a binary file."""
    return sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in text) / len(text)


def _delimiter(text: bytes, quote: str | None) -> str:
    """The candidate that cuts the first records into the most cells, and into equally many; a comma if none does."""
    lines = text.decode("utf-8", "replace")[: 64 * 1024]
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        reader = csv.reader(
            io.StringIO(lines, newline=""),
            delimiter=candidate,
            quotechar=quote,
            quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
        )
        try:
            records = [record for record, _ in zip(reader, range(50), strict=False) if record]
        except csv.Error:
            continue
        if not records or len(records[0]) < 2:
            continue
        alike = sum(len(record) == len(records[0]) for record in records) / len(records)
        score = alike * len(records[0])
        if score > best_score:
            best, best_score = candidate, score
    return best
