"""A plain reader of delimited text, character by character: what a found format makes of a file."""

from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.detect.text_format import TextFormat
from import_worker.sources.limits import MAX_RECORD_BYTES
from tests.twin.records import cut_records


def read_table(data: bytes, found: TextFormat) -> list[list[str]]:
    """The cells of the header and of every record below it; wholly empty lines are left out."""
    text = data[found.bom_bytes :].decode(found.encoding, "replace")
    dialect = Dialect(found.delimiter, found.quote, backslash=found.backslash, spaced=found.spaced)
    cut = cut_records(text, dialect, longest_cell=MAX_RECORD_BYTES)
    records = [[record.text.rstrip("\r\n")] if record.broken else _split(record.text, found)[0] for record in cut]
    return [record for record in records[found.header_row - 1 :] if record != [""]]


def _split(text: str, found: TextFormat) -> list[list[str]]:
    records: list[list[str]] = []
    record: list[str] = []
    at = 0
    while at < len(text):
        cell, at = _cell(text, at, found)
        record.append(cell)
        if text[at : at + 1] == found.delimiter:
            at += 1
            if at == len(text):
                record.append("")
        else:
            at += 2 if text[at : at + 2] == "\r\n" else 1
            records.append(record)
            record = []
    return [*records, record] if record else records


def _cell(text: str, at: int, found: TextFormat) -> tuple[str, int]:
    start = at
    if found.spaced:
        while text[start : start + 1] == " ":
            start += 1
    cell = ""
    if found.quote is not None and text[start : start + 1] == found.quote:
        cell, at = _quoted(text, start + 1, found.quote, backslash=found.backslash)
    while at < len(text) and text[at] not in (found.delimiter, "\r", "\n"):
        cell += text[at]
        at += 1
    return cell, at


def _quoted(text: str, at: int, quote: str, *, backslash: bool) -> tuple[str, int]:
    """The text up to the closing quote, and where it ends behind that."""
    cell = ""
    escape = "\\" if backslash else quote
    while at < len(text):
        if text[at] == escape and text[at + 1 : at + 2] in ((quote, "\\") if backslash else (quote,)):
            cell += text[at + 1]
            at += 2
        elif text[at] == quote:
            return cell, at + 1
        else:
            cell += text[at]
            at += 1
    return cell, at
