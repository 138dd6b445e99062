"""Rows in COPY's binary format.

All rows of a job are alike but for two columns, so the bytes of the others are asked of PostgreSQL once, in the types
that the table really has, and are copied from row to row.

The format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.types.json import Jsonb

from import_worker.database.connection import Connection

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_COUNT, _LENGTH = struct.Struct(">h"), struct.Struct(">i")
_EMPTY_DOCUMENT = b"{}"
_ID_BYTES = 16


@dataclass(frozen=True)
class RowTemplate:
    """A row whose first column is an id (uuid) and whose second a JSON document.

    ``mark`` comes before a document's text (jsonb has its version there). ``tail`` is all columns behind the document.
    """

    columns: int
    mark: bytes
    tail: bytes

    @classmethod
    def fetch(
        cls, connection: Connection, table: str, columns: Sequence[str], values: Mapping[str, Any]
    ) -> "RowTemplate":
        """``columns`` begin with the id and the document; ``values`` has all the others, as JSON, in any order."""
        row = {columns[0]: str(UUID(int=0)), columns[1]: {}, **values}
        statement = sql.SQL(
            "COPY (SELECT {} FROM jsonb_populate_record(NULL::{}, {})) TO STDOUT (FORMAT binary)"
        ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table), sql.Literal(Jsonb(row)))
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            data = b"".join(bytes(block) for block in copy)
        _, id_end = _value(data, len(HEADER) + _COUNT.size)
        document, document_end = _value(data, id_end)
        return cls(len(columns), document.removesuffix(_EMPTY_DOCUMENT), data[document_end : -len(TRAILER)])

    def rows(self, ids: npt.NDArray[np.uint8], documents: pl.Series) -> memoryview:
        """The bytes of rows with these ids (n x 16) and documents (String, no nulls), without header and trailer."""
        texts = documents.to_arrow().cast(pa.large_binary())
        sizes = documents.str.len_bytes().to_numpy() + len(self.mark)
        lengths = sizes.astype(">i4").view(np.uint8).reshape(-1, _LENGTH.size)
        before_id = _repeated(_COUNT.pack(self.columns) + _LENGTH.pack(_ID_BYTES), len(documents))
        front = np.hstack([before_id, ids, lengths, _repeated(self.mark, len(documents))])
        join: Callable[..., pa.Array[Any]] = pc.binary_join_element_wise  # typed for arrays alone, or scalars alone
        parts = [_values(front), texts, pa.scalar(self.tail, pa.large_binary())]
        return memoryview(join(*parts, pa.scalar(b"", pa.large_binary())).buffers()[2] or b"")


def _value(data: bytes, start: int) -> tuple[bytes, int]:
    """The value at that place of a row, and where the next one begins."""
    (length,) = _LENGTH.unpack_from(data, start)
    end = start + _LENGTH.size + length
    return data[start + _LENGTH.size : end], end


def _repeated(value: bytes, rows: int) -> npt.NDArray[np.uint8]:
    return np.tile(np.frombuffer(value, dtype=np.uint8), (rows, 1))


def _values(matrix: npt.NDArray[np.uint8]) -> "pa.Array[Any]":
    """Each row of the matrix as a value of its own."""
    offsets = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(matrix.data)]
    return pa.Array.from_buffers(pa.large_binary(), len(matrix), buffers)
