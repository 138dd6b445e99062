"""Cuts a stream of records into chunks. Pure: it is fed with bytes, and keeps the chunks found so far."""

import numpy as np

from import_worker.chunk import Chunk
from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.scan import Records, scan
from import_worker.sources.limits import MAX_FILE_BYTES, MAX_RECORD_BYTES


def check_size(size_bytes: int) -> None:
    """Raises JobFailed ``limit_exceeded`` for a file that is too large. No retry helps."""
    if size_bytes > MAX_FILE_BYTES:
        raise JobFailed(FailureReason.LIMIT_EXCEEDED, "The file is larger than 1 TiB; split it.")


class Cutter:
    """Cuts records into chunks of about ``chunk_bytes``, after a header record.

    ``start`` is the byte (from 0) where the text begins. ``header_row`` counts records from 1, empty lines included; if
    it is an empty line, the next record is the header.
    """

    def __init__(self, dialect: Dialect, *, start: int, header_row: int, chunk_bytes: int) -> None:
        self.header: bytes | None = None
        self.chunks: list[Chunk] = []
        self.template_rows = 0
        """How many rows were left out because they are template rows."""
        self._dialect = dialect
        self._chunk_bytes = chunk_bytes
        self._before_header = header_row - 1
        self._position, self._line, self._row = start, 1, 1
        self._open = (start, 1, 1)
        """First byte, first line and first row of the chunk that is being filled."""

    @property
    def row_count(self) -> int:
        return self._row - 1

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """Consumes the whole records of ``data`` and returns the rest, with which the next call's data must begin.

        Raises JobFailed ``limit_exceeded``. No retry helps.
        """
        records = scan(data, self._dialect, final=final)
        self._check(records, data)
        self.template_rows += len(records.template_starts)
        taken = self._find_header(records, data) if self.header is None else 0
        if self.header is not None:
            self._fill(records, taken)
        self._position += records.consumed
        self._line += records.lines_before(records.consumed)
        if final:
            self._close(self._position, self._line)
        return data[records.consumed :]

    def _find_header(self, records: Records, data: bytes) -> int:
        """How many records are no rows: the header and those before it."""
        header = int(np.searchsorted(records.ordinals, self._before_header))
        self._before_header -= records.total
        if header == len(records):
            return header
        end = int(records.ends[header])
        self.header = data[int(records.starts[header]) : end]
        self._open = (self._position + end, self._line + records.lines_before(end), 1)
        return header + 1

    def _fill(self, records: Records, taken: int) -> None:
        while taken < len(records):
            wanted = self._open[0] + self._chunk_bytes - self._position
            last = max(int(np.searchsorted(records.ends, wanted)), taken)
            if last >= len(records):
                break
            self._row += last + 1 - taken
            taken = last + 1
            end = int(records.ends[last])
            self._close(self._position + end, self._line + records.lines_before(end))
        self._row += len(records) - taken

    def _close(self, end: int, line: int) -> None:
        """Ends the open chunk at byte ``end``, where line ``line`` begins; a chunk without rows is dropped."""
        first_byte, first_line, first_row = self._open
        if self._row > first_row:
            self.chunks.append(
                Chunk(
                    number=len(self.chunks) + 1,
                    first_byte=first_byte,
                    end_byte=end,
                    first_row=first_row,
                    row_count=self._row - first_row,
                    first_line=first_line,
                )
            )
        self._open = (end, line, self._row)

    def _check(self, records: Records, data: bytes) -> None:
        check_size(self._position + len(data))
        # The rest may be twice the limit: that much is read behind an opening quote before it counts as stray.
        rest = len(data) - records.consumed
        if records.longest() > MAX_RECORD_BYTES or rest > 2 * MAX_RECORD_BYTES:
            raise JobFailed(
                FailureReason.LIMIT_EXCEEDED,
                f"A record on or after line {self._line:,} is longer than 16 MiB; "
                "check the file's line ends, delimiter and quotes.",
                line=self._line,
            )
