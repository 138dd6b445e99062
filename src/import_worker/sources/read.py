"""Reading one chunk: its bytes become a frame of cells, and its unreadable records become errors. Pure."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from import_worker.chunk import Chunk
from import_worker.sources.broken import BadRecord, InvalidText, find_invalid_text, settle_ragged
from import_worker.sources.dialect import Dialect
from import_worker.sources.scan import Offsets, Records, scan


@dataclass(frozen=True)
class ChunkData:
    """``frame`` has ``row`` (Int64, counted over the whole file) and a String column ``c{i}`` per wanted column, in row
    order.

    ``rejected`` are the records that are not in the frame, in row order.
    """

    frame: pl.DataFrame
    rejected: list[BadRecord]
    _records: Records
    _chunk: Chunk

    def lines_of(self, rows: Offsets) -> Offsets:
        """The physical lines (from 1, over the whole file) on which those rows begin."""
        starts = self._records.starts[rows - self._chunk.first_row]
        lines: Offsets = self._chunk.first_line + np.searchsorted(self._records.newlines, starts)
        return lines


PIECE_BYTES = 1024 * 1024
"""How much of a chunk is made into columns at a time. Columns take many times the room of the bytes they come from, and
that, not the size of a chunk, is what a worker's memory goes into; at 1 MiB a piece's fixed costs are still small."""


def pieces(data: bytes, chunk: Chunk, dialect: Dialect) -> Iterator[tuple[Chunk, bytes]]:
    """Cuts a chunk into parts of about PIECE_BYTES at record ends, each a chunk of its own with its bytes.

    Raises RuntimeError when there are not as many records as planned, which would be a defect of ours.
    """
    records = scan(data, dialect, final=True)
    if len(records) != chunk.row_count:
        raise RuntimeError(f"chunk {chunk.number} holds {len(records)} records; its plan says {chunk.row_count}")
    first = 0
    while first < len(records):
        start = int(records.starts[first])
        last = max(int(np.searchsorted(records.ends, start + PIECE_BYTES)), first)
        end = int(records.ends[min(last, len(records) - 1)])
        count = min(last + 1, len(records)) - first
        yield (
            replace(
                chunk,
                first_byte=chunk.first_byte + start,
                end_byte=chunk.first_byte + end,
                first_row=chunk.first_row + first,
                row_count=count,
                first_line=chunk.first_line + records.lines_before(start),
            ),
            data[start:end],
        )
        first += count


class ChunkReader:
    """Reads chunks of one file. ``columns`` are the 0-based columns wanted, of ``width`` that the header has."""

    def __init__(self, dialect: Dialect, header: tuple[str, ...], columns: tuple[int, ...], *, pad: bool) -> None:
        self._dialect = dialect
        self._header = header
        self._columns = columns
        self._pad = pad
        names = [f"c{index}" for index in range(len(header))]
        self._names = [f"c{index}" for index in columns]
        self._convert = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=self._names,
            strings_can_be_null=False,
            check_utf8=False,  # settled for the whole chunk before
        )
        self._column_names = names

    def read(self, data: bytes, chunk: Chunk) -> ChunkData:
        """Raises RuntimeError when the parser and the plan disagree about the records, which would be a defect of
        ours."""
        records = scan(data, self._dialect, final=True)
        if len(records) != chunk.row_count:
            raise RuntimeError(f"chunk {chunk.number} holds {len(records)} records; its plan says {chunk.row_count}")
        invalid = find_invalid_text(data, records)
        rows, readable = _without(data, records, invalid)
        frame, ragged = self._parse(readable, chunk.first_row + rows)
        accepted, malformed = settle_ragged(ragged, self._dialect, len(self._header), pad=self._pad)
        if accepted:
            extra = pl.DataFrame(
                {"row": [row for row, _ in accepted]}
                | {
                    name: [cells[column] for _, cells in accepted]
                    for name, column in zip(self._names, self._columns, strict=True)
                },
                schema=frame.schema,
            )
            frame = pl.concat([frame, extra]).sort("row")
        unreadable = [bad.describe(data, records, self._dialect, self._header, chunk.first_row) for bad in invalid]
        rejected = sorted([*malformed, *unreadable], key=lambda bad: bad.row)
        return ChunkData(frame, rejected, records, chunk)

    def _parse(self, data: bytes, rows: Offsets) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
        """The well-formed records as a frame, and the ragged ones as (row, text)."""
        ragged: list[tuple[int, str]] = []

        def keep_aside(invalid: arrow_csv.InvalidRow) -> Literal["skip"]:
            # Arrow numbers records from 1 and leaves out empty lines, as we do.
            assert invalid.number is not None  # it is, unless Arrow reads with threads
            ragged.append((invalid.number - 1, invalid.text))
            return "skip"

        schema = {"row": pl.Int64} | dict.fromkeys(self._names, pl.String)
        if not len(rows):
            return pl.DataFrame(schema=schema), []
        table = arrow_csv.read_csv(
            io.BytesIO(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,  # threads work on different chunks; and record numbers need it
                block_size=len(data) + 1,
                column_names=self._column_names,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=self._dialect.quote or False,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=keep_aside,
            ),
            convert_options=self._convert,
        )
        if table.num_rows + len(ragged) != len(rows):
            raise RuntimeError(
                f"the parser found {table.num_rows + len(ragged)} records where the scan found {len(rows)}"
            )
        well_formed = np.delete(rows, [index for index, _ in ragged]) if ragged else rows
        frame = pl.DataFrame(
            [pl.Series("row", well_formed, dtype=pl.Int64)]
            + [pl.Series(name, pl.from_arrow(table.column(name)), dtype=pl.String) for name in self._names],
            schema=schema,
        )
        return frame, [(int(rows[index]), text) for index, text in ragged]


def _without(data: bytes, records: Records, invalid: list[InvalidText]) -> tuple[Offsets, bytes]:
    """The indexes (from 0) of the records without invalid text, and the bytes of those records."""
    rows = np.arange(len(records), dtype=np.int64)
    if not invalid:
        return rows, data
    out = {bad.index for bad in invalid}
    view = memoryview(data)
    pieces, start = [], 0
    for bad in invalid:
        pieces.append(view[start : int(records.starts[bad.index])])
        start = int(records.ends[bad.index])
    pieces.append(view[start:])
    return np.delete(rows, list(out)), b"".join(pieces)
