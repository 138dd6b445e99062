"""Detects the format of a delimited text file from a bounded sample. Pure.

Every syntax that the sample makes plausible is tried on the first few thousand cells, and scored by the signs of a
correct split: records are as wide as the header, cells are whole, and no text stands beside a quote. Where a job option
is given, it is taken instead of trying.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from import_worker.errors import FailureReason, JobFailed
from import_worker.options import JobOptions
from import_worker.sources.cut.sample_cells import CellSyntax, Quoting, Sample, split_cells
from import_worker.sources.cut.template_rows import WORD, without_template_rows
from import_worker.sources.detect.encoding import decode_sample, detect_encoding, refuse_binary
from import_worker.sources.detect.header_search import Header, find_header
from import_worker.sources.detect.score import DELIMITERS, RARE_DELIMITERS, score
from import_worker.sources.detect.text_format import Newline, Sureness, TextFormat

WINDOW_CHARACTERS = 256 * 1024
"""How much of the sample is split into cells for each of the FINALISTS."""
FIRST_CHARACTERS = 16 * 1024
FINALISTS = 6
"""How many of up to 70 syntaxes, the best ones on the first 16 KiB, are tried on the whole window. This limits the
time; in all cases that were tried, it changed no result."""
SCORED_RECORDS = 200
QUOTES = ('"', "'")
_BLANK = "\r\n\t ,;|\ufeff"
_MARKUP = re.compile(r"\s*<(?:!doctype html|html|\?xml|head|body|table|div|style|meta)\b", re.IGNORECASE)
_OTHER_TEXTS = (
    (re.compile(r'\s*(?:\{\s*"[^"\r\n]*"\s*:|\[\s*[\[{])'), "JSON"),
    (
        re.compile(
            r"\s*(?:(?:--[^\r\n]*|/\*[^/]{0,2000}/;?)\s*)*+(?:insert\s+into|create\s+table|drop\s+table)\s",
            re.IGNORECASE,
        ),
        "an SQL script",
    ),
)
_HINT = re.compile(r'"?sep=([^\w\r\n"\'])"?[ \t,;]*(?:\r\n|\r|\n)', re.IGNORECASE | re.ASCII)
_BACKSLASHES = re.compile(r"\\+")
_NEWLINES: dict[str, Newline] = {"\n": "lf", "\r\n": "crlf", "\r": "cr"}


@dataclass(frozen=True)
class _ScoredSyntax:
    syntax: CellSyntax
    sampled: Sample
    header: Header
    score: float


def detect_text(
    sample: bytes, options: JobOptions, *, complete: bool, count_expected: Callable[[Sequence[str]], int]
) -> TextFormat:
    """Finds the format of a text file from its first bytes (at most 1 MiB); ``complete`` if they are the whole file.

    ``count_expected`` counts the cells of a record that are headers which the import expects; 0 if none are expected.
    What an option says is taken (``Sureness.GIVEN``), and the rest is detected accordingly. Raises JobFailed
    ``source_file_empty`` or ``unsupported_format``; no retry helps.
    """
    if options.delimiter is not None and options.delimiter == options.quote:
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            f"The options delimiter and quote are both {options.quote}; name different characters.",
        )
    encoding = detect_encoding(sample, options.encoding, complete=complete)
    text = decode_sample(sample, encoding)
    if not text.strip(_BLANK):
        _refuse_blank(complete=complete)
    refuse_binary(text[:4096])
    if _MARKUP.match(text):
        raise JobFailed(
            FailureReason.UNSUPPORTED_FORMAT,
            "The file is a web page or XML, not a table (did a download end at a login page?); upload a CSV file.",
        )
    for pattern, name in _OTHER_TEXTS:
        if pattern.match(text):
            raise JobFailed(
                FailureReason.UNSUPPORTED_FORMAT, f"The file is {name}, not a table; save the rows as CSV or xlsx."
            )
    hint = _HINT.match(text)
    best = _best(text, options, hint[1] if hint else None, count_expected, complete=complete)
    syntax = best.syntax
    return TextFormat(
        encoding=encoding.name,
        bom_bytes=encoding.bom_bytes,
        delimiter=syntax.delimiter,
        quote=syntax.quote,
        backslash=syntax.backslash,
        spaced=syntax.spaced,
        newline=_newline(best.sampled),
        header_row=options.header_row or best.header.index + 1,
        sure={
            "encoding": encoding.sure,
            "delimiter": _sure_of_delimiter(best, options, hint=hint is not None),
            "quote": _sure_of_quote(best, options),
            "header_row": Sureness.GIVEN if options.header_row else best.header.sure,
        },
    )


def _refuse_blank(*, complete: bool) -> NoReturn:
    if complete:
        raise JobFailed(FailureReason.SOURCE_FILE_EMPTY, "The file is empty; upload a file with a header and rows.")
    raise JobFailed(FailureReason.UNSUPPORTED_FORMAT, "The file begins with a megabyte of blanks; upload a CSV file.")


def _best(
    text: str,
    options: JobOptions,
    hinted: str | None,
    count_expected: Callable[[Sequence[str]], int],
    *,
    complete: bool,
) -> _ScoredSyntax:
    """The syntax with the best score on the whole window, among those with the best scores on its beginning."""
    window = text[:WINDOW_CHARACTERS]
    ways = list(_candidates(window, options, hinted))
    for size, kept in ((FIRST_CHARACTERS, FINALISTS), (WINDOW_CHARACTERS, 1)):
        if kept > 1 and (len(text) <= size or len(ways) <= kept):
            continue
        readings = []
        for syntax in ways:
            sampled = split_cells(text[:size], syntax, complete=complete and len(text) <= size)
            if WORD in text:
                sampled = without_template_rows(sampled)
            # The table begins at a given header row; records above it are no evidence.
            first = min((options.header_row or 1) - 1, max(len(sampled.records) - 1, 0))
            reading = _read(
                syntax, sampled, count_expected, first=max(first, 1 if hinted else 0), header_row=options.header_row
            )
            if reading is not None:
                readings.append(reading)
        readings.sort(key=lambda reading: -reading.score)
        ways = [reading.syntax for reading in readings[:kept]] or ways
    if not readings:
        _refuse_blank(complete=complete)
    return readings[0]


def _candidates(window: str, options: JobOptions, hinted: str | None) -> Iterator[CellSyntax]:
    """The syntaxes that the window makes plausible; of two that may have equal scores, the likelier comes first."""
    delimiters: tuple[str, ...]
    if options.delimiter is not None or hinted is not None:
        delimiters = (options.delimiter or hinted or ",",)
    else:
        delimiters = tuple(mark for mark in (*DELIMITERS, *RARE_DELIMITERS) if mark in window)
        absent = next((mark for mark in (",", "\t", ";", "|") if mark not in window), None)
        # A delimiter that does not occur makes the table a single column.
        delimiters = (*delimiters, absent) if absent else delimiters
    for delimiter in delimiters or (",",):
        quotes: tuple[str | None, ...]
        if options.quote is not None:
            quotes = (options.quote or None,)
        else:
            seen = [mark for mark in QUOTES if mark in window]
            # If the window has no quote, the usual one may occur later.
            tried = ('"', "'", None) if "'" in seen else ('"', None) if seen else ('"',)
            quotes = tuple(mark for mark in tried if mark != delimiter) or (None,)
        for quote in quotes:
            yield from _variants(window, delimiter, quote)


def _variants(window: str, delimiter: str, quote: str | None) -> Iterator[CellSyntax]:
    if quote is None or quote not in window:
        yield CellSyntax(delimiter, quote)
        return
    escapes = (False, True) if f"\\{quote}" in window else (_backslashes_are_escaped(window, delimiter, quote),)
    spaces = delimiter != " " and re.search(f"{re.escape(delimiter)} +{re.escape(quote)}", window) is not None
    for spaced in (False, True) if spaces else (False,):
        for backslash in escapes:
            yield CellSyntax(delimiter, quote, backslash=backslash, spaced=spaced)


def _backslashes_are_escaped(window: str, delimiter: str, quote: str) -> bool:
    """Whether backslashes are escaped, for a window without an escaped quote: all are written twice, and no quote
    is."""
    runs = _BACKSLASHES.findall(window)
    doubled = f"[^{re.escape(delimiter)}\r\n]{quote}{quote}[^{re.escape(delimiter)}\r\n]"
    return len(runs) > 1 and all(len(run) % 2 == 0 for run in runs) and re.search(doubled, window) is None


def _read(
    syntax: CellSyntax,
    sampled: Sample,
    count_expected: Callable[[Sequence[str]], int],
    *,
    first: int,
    header_row: int | None,
) -> _ScoredSyntax | None:
    records = sampled.records[: first + SCORED_RECORDS]
    header = find_header([[cell.text for cell in record] for record in records], count_expected, first=first)
    if header is None:
        return None
    if header_row is not None and any(cell.text.strip() for cell in records[first]):
        header = Header(first, header.known, Sureness.GIVEN)
    return _ScoredSyntax(syntax, sampled, header, score(syntax, records, header, first))


def _newline(sampled: Sample) -> Newline:
    kinds = sampled.newlines
    return "mixed" if len(kinds) > 1 else _NEWLINES[next(iter(kinds), "\n")]


def _sure_of_delimiter(best: _ScoredSyntax, options: JobOptions, *, hint: bool) -> Sureness:
    if options.delimiter is not None:
        return Sureness.GIVEN
    if hint:
        return Sureness.CERTAIN
    return Sureness.LIKELY if len(best.sampled.records[best.header.index]) > 1 and best.score > 0.5 else Sureness.GUESS


def _sure_of_quote(best: _ScoredSyntax, options: JobOptions) -> Sureness:
    if options.quote is not None:
        return Sureness.GIVEN
    seen = any(cell.quoting is Quoting.CLEAN for record in best.sampled.records for cell in record)
    return Sureness.LIKELY if seen else Sureness.GUESS
