"""Previewing a file before it is stored: what it is, which header feeds which field, and why it could not be imported.

The same functions as the plan's read the submitted file here; the plan decides again, from the stored one.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

from import_worker.errors import JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import header_counter
from import_worker.forms.joining import bind
from import_worker.forms.notices import SAMPLE_ROWS, Notice, find_sample_notices, template_rows_skipped
from import_worker.forms.validator import Validator
from import_worker.importing.planning import compile_mapping
from import_worker.importing.planning_progress import PlanningProgress
from import_worker.jobs.header_match import match
from import_worker.options import JobOptions
from import_worker.sources.cut.chunks import check_size
from import_worker.sources.cut.scan import scan
from import_worker.sources.detect.beginning import close_blocks, read_beginning
from import_worker.sources.plan import SourcePlan, plan_source
from import_worker.sources.read.chunk_reader import ChunkReader

_CHUNK_BYTES = 256 * 1024 * 1024
"""Large, because the chunks are not used here and should be few."""
_SAMPLE_BYTES = 4 * 1024 * 1024
"""How much of the text is searched for notices."""


@dataclass(frozen=True)
class Preview:
    """``format`` is a SourceFormat as JSON. ``columns`` are the file's headers in their order, each with the key of the
    field that it feeds (None: ignored); ``missing`` are the keys of the fields that get no column, in the form's order,
    each with the nearest header that feeds nothing (None: none is near).

    ``rows`` and ``sha256`` (hex) are those of the whole file; ``notices`` are what its first rows show. ``problem``
    is the sentence that says why the file cannot be imported, ``reason`` its code; what could not be found out because
    of it is None or empty.
    """

    format: dict[str, Any] | None = None
    columns: tuple[tuple[str, str | None], ...] = ()
    missing: tuple[tuple[str, str | None], ...] = ()
    rows: int | None = None
    sha256: str | None = None
    notices: tuple[Notice, ...] = ()
    problem: str | None = None
    reason: str | None = None

    @property
    def is_workbook(self) -> bool:
        return self.format is not None and self.format["sheet"] is not None

    def to_json(self) -> dict[str, Any]:
        """The part of the ``--json`` documents of `submit` that is about the file."""
        return {
            "format": self.format,
            "mapping": dict(self.columns),
            "missing": dict(self.missing),
            "rows": self.rows,
            "notices": [notice.to_json() for notice in self.notices],
            "problem": self.problem,
            "reason": self.reason,
        }


def preview_file(
    blocks: Callable[[], Iterable[bytes]],
    size_bytes: int,
    form: FormDefinition,
    given: HeaderMapping | None,
    options: JobOptions,
    progress: PlanningProgress,
) -> Preview:
    """Reads the whole file once, as the plan will. Each call of ``blocks`` reads it from the beginning; ``given`` is
    None where headers are to be matched by name.

    A JobFailed becomes the preview's problem and is not raised. Raises TransientError when there is no room for a
    temporary file.
    """
    count_expected = header_counter(form, given)
    normalized = _Beginning(_SAMPLE_BYTES)
    try:
        check_size(size_bytes)
        progress.start(size_bytes)
        source = plan_source(
            lambda: progress.count_blocks(blocks()),
            options,
            _CHUNK_BYTES,
            count_expected=count_expected,
            open_normalized=lambda: nullcontext(normalized.add),
            check_header=lambda header: compile_mapping(form, given, header, options),
            on_rows=progress.count_rows,
        )
    except JobFailed as failure:
        preview = Preview(problem=str(failure), reason=failure.reason)
        with suppress(JobFailed):
            found, header = read_beginning(blocks(), options, count_expected=count_expected)
            found_match = match(form, given, header)
            preview = Preview(
                found.to_json(), found_match.by_header, found_match.missing, problem=str(failure), reason=failure.reason
            )
        return preview
    finally:
        progress.end()
    if not source.normalized:
        normalized.add_all(blocks())
    matching = match(form, given, source.header)
    return Preview(
        source.format.to_json(),
        matching.by_header,
        matching.missing,
        source.row_count,
        source.sha256,
        tuple(_notices(form, given, options, source, normalized.data)),
    )


class _Beginning:
    """Keeps the first bytes of a text that is written, and drops the rest."""

    def __init__(self, max_bytes: int) -> None:
        self.data = b""
        self._max_bytes = max_bytes

    def add(self, block: bytes) -> object:
        if len(self.data) < self._max_bytes:
            self.data += block[: self._max_bytes - len(self.data)]
        return len(block)

    def add_all(self, blocks: Iterable[bytes]) -> None:
        try:
            for block in blocks:
                self.add(block)
                if len(self.data) >= self._max_bytes:
                    break
        finally:
            close_blocks(blocks)


def _notices(
    form: FormDefinition, given: HeaderMapping | None, options: JobOptions, source: SourcePlan, text: bytes
) -> list[Notice]:
    """What the first rows of a planned file show. ``text`` is the beginning of what chunks are cut from."""
    bindings = bind(form, compile_mapping(form, given, source.header, options), source.header)
    first = source.chunks[0]
    data = text[first.first_byte : first.end_byte]
    records = scan(data, source.dialect, final=len(text) >= first.end_byte)
    piece = replace(first, end_byte=first.first_byte + records.consumed, row_count=len(records))
    columns = Validator(form, bindings).columns
    reader = ChunkReader(source.dialect, source.header, columns, pad=options.ragged_rows == "pad")
    rows = reader.read(data[: records.consumed], piece).frame.head(SAMPLE_ROWS)
    return find_sample_notices(form, bindings, rows) + template_rows_skipped(source.template_rows)
