"""Reads one chunk: its bytes become a frame of cells, and its unreadable records become errors. Pure."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from import_worker.chunk import Chunk
from import_worker.sources.cut.dialect import Dialect
from import_worker.sources.cut.header import count_named
from import_worker.sources.cut.quotes import Offsets, without_blanks
from import_worker.sources.cut.scan import Records, scan
from import_worker.sources.read.broken import BadRecord, Shape, find_unreadable, recover_ragged, recover_unreadable
from import_worker.sources.transcode import to_utf8


@dataclass(frozen=True)
class ChunkData:
    """``frame`` has ``row`` (Int64, the row's number in the whole file) and a String column ``c{i}`` per wanted column,
    in row order.

    ``bad`` lists the errors found while reading, in row order. Their rows are rejected; such a row may be in the frame
    as well, only to have its other cells validated.
    """

    frame: pl.DataFrame
    bad: list[BadRecord]
    _records: Records
    _chunk: Chunk

    def lines_of(self, rows: Offsets) -> Offsets:
        """The physical lines (from 1, over the whole file) on which those rows begin."""
        starts = self._records.starts[rows - self._chunk.first_row]
        lines: Offsets = self._chunk.first_line + np.searchsorted(self._records.newlines, starts)
        return lines


PIECE_BYTES = 1536 * 1024
"""How much of a chunk is converted to columns at a time. Columns take many times the memory of the bytes they come
from, so this size, not that of a chunk, determines a worker's memory. Compared with 1 MiB it takes 30 MB more memory
and a tenth less processor time."""


@dataclass(frozen=True)
class Piece:
    """A part of a chunk, described as a chunk itself, with its bytes and the positions of its records in them."""

    chunk: Chunk
    data: bytes
    records: Records


def pieces(data: bytes, chunk: Chunk, dialect: Dialect) -> Iterator[Piece]:
    """Cuts a chunk into parts of about PIECE_BYTES at record ends.

    Raises RuntimeError when the number of records differs from the plan's, which would be a defect of this program.
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
        part = replace(
            chunk,
            first_byte=chunk.first_byte + start,
            end_byte=chunk.first_byte + end,
            first_row=chunk.first_row + first,
            row_count=count,
            first_line=chunk.first_line + records.lines_before(start),
        )
        yield Piece(part, data[start:end], records.between(first, first + count))
        first += count


class ChunkReader:
    """Reads chunks of one file. ``columns`` are the wanted columns of the header, counted from 0."""

    def __init__(self, dialect: Dialect, header: tuple[str, ...], columns: tuple[int, ...], *, pad: bool) -> None:
        self._encoding = dialect.encoding
        self._spaced = dialect.spaced
        self._dialect = replace(dialect, encoding="utf-8")
        named = count_named(header, dialect)
        self._shape = Shape(header, frozenset(columns), pad, named)
        self._unnamed = [f"c{index}" for index in range(named, len(header))]
        self._columns = columns
        self._column_names = [f"c{index}" for index in range(len(header))]
        self._names = [f"c{index}" for index in columns]
        self._parsed = self._names + [name for name in self._unnamed if name not in self._names]
        self._convert = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(self._column_names, pa.string()),
            include_columns=self._parsed,
            strings_can_be_null=False,
            check_utf8=False,  # ``find_unreadable`` has taken out all records that are not UTF-8
        )

    def read_piece(self, piece: Piece) -> ChunkData:
        """Reads a piece, as ``read`` does, without a second scan if its bytes need no conversion."""
        data = to_utf8(piece.data, self._encoding)
        # Converted bytes have their records at other positions.
        return self._read(data, piece.chunk, piece.records if data is piece.data else None)

    def read(self, data: bytes, chunk: Chunk) -> ChunkData:
        """Reads a chunk. Raises RuntimeError when the parser and the plan disagree about the records, which would be a
        defect of this program."""
        return self._read(to_utf8(data, self._encoding), chunk, None)

    def _read(self, data: bytes, chunk: Chunk, records: Records | None) -> ChunkData:
        """``data`` is UTF-8."""
        dialect = self._dialect
        records = scan(data, dialect, final=True) if records is None else records
        if self._spaced:
            data, dialect = without_blanks(data, records.openings), replace(dialect, spaced=False)
            records = scan(data, dialect, final=True)
        if len(records) != chunk.row_count:
            raise RuntimeError(f"chunk {chunk.number} holds {len(records)} records; its plan says {chunk.row_count}")
        unreadable = find_unreadable(data, records)
        rows, readable = _without(data, records, unreadable)
        frame, ragged = self._parse(readable, chunk.first_row + rows)
        if self._unnamed:
            frame, wide = self._without_unnamed(frame)
            spans = [(row, records.starts[row - chunk.first_row], records.ends[row - chunk.first_row]) for row in wide]
            ragged += [(row, data[int(start) : int(end)].decode().rstrip("\n")) for row, start, end in spans]
        first = recover_unreadable(data, records, unreadable, chunk.first_row, dialect, self._shape)
        second = recover_ragged(ragged, dialect, self._shape)
        if recovered := first.rows + second.rows:
            extra = pl.DataFrame(
                {"row": [row for row, _ in recovered]}
                | {
                    name: [cells[column] for _, cells in recovered]
                    for name, column in zip(self._names, self._columns, strict=True)
                },
                schema=frame.schema,
            )
            frame = pl.concat([frame, extra]).sort("row")
        bad = sorted(first.bad + second.bad, key=lambda record: record.row)
        return ChunkData(frame, bad, records, chunk)

    def _without_unnamed(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        """The rows without cells beyond the header's last name, and the numbers of the other rows."""
        wide = pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in self._unnamed)
        return frame.filter(~wide).select("row", *self._names), frame.filter(wide)["row"].to_list()

    def _parse(self, data: bytes, rows: Offsets) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
        """The well-formed records as a frame, and the ragged ones as (row, text)."""
        ragged: list[tuple[int, str]] = []

        def keep_aside(invalid: arrow_csv.InvalidRow) -> Literal["skip"]:
            # Arrow numbers records from 1 and skips empty lines, as this program does.
            assert invalid.number is not None  # it is, unless Arrow reads with threads
            ragged.append((invalid.number - 1, invalid.text))
            return "skip"

        schema = {"row": pl.Int64} | dict.fromkeys(self._parsed, pl.String)
        if not len(rows):
            return pl.DataFrame(schema=schema), []
        if data.startswith(codecs.BOM_UTF8):
            data = codecs.BOM_UTF8 + data  # Arrow skips one, but at the beginning of a piece it is part of a cell
        table = arrow_csv.read_csv(
            io.BytesIO(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,  # the importer's threads work on different chunks; and record numbers need it
                block_size=len(data) + 1,
                column_names=self._column_names,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=self._dialect.quote or False,
                escape_char="\\" if self._dialect.backslash else False,
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
            + [pl.Series(name, pl.from_arrow(table.column(name)), dtype=pl.String) for name in self._parsed],
            schema=schema,
        )
        return frame, [(int(rows[index]), text) for index, text in ragged]


def _without(data: bytes, records: Records, unreadable: list[int]) -> tuple[Offsets, bytes]:
    """The indexes (from 0) of the readable records, and the bytes without unreadable records and template rows."""
    rows = np.arange(len(records), dtype=np.int64)
    spans = [(int(records.starts[index]), int(records.ends[index])) for index in unreadable]
    spans += zip(records.template_starts.tolist(), records.template_ends.tolist(), strict=True)
    if not spans:
        return rows, data
    view = memoryview(data)
    kept, start = [], 0
    for left_out, end in sorted(spans):
        kept.append(view[start:left_out])
        start = end
    kept.append(view[start:])
    return np.delete(rows, unreadable), b"".join(kept)
