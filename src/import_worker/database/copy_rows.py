"""Writes rows in COPY's binary format.

All rows of a job are equal except in two columns. So PostgreSQL encodes the other columns once, in the types that the
table really has, and their bytes are repeated in each row.

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
from import_worker.database.queries import fragment

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_COUNT, _LENGTH = struct.Struct(">h"), struct.Struct(">i")
_EMPTY_DOCUMENT = b"{}"
_WRITE_BYTES = 1 << 20


@dataclass(frozen=True)
class RowTemplate:
    """A row whose first column is an id (uuid) and whose second a JSON document.

    ``mark`` precedes a document's text (the version of jsonb). ``tail`` is the bytes of all columns behind the
    document.
    """

    columns: int
    mark: bytes
    tail: bytes

    @classmethod
    def fetch(
        cls, connection: Connection, table: str, columns: Sequence[str], values: Mapping[str, Any]
    ) -> "RowTemplate":
        """Makes a template. ``columns`` begin with the id and the document; ``values`` has all others, as JSON."""
        row = {columns[0]: str(UUID(int=0)), columns[1]: {}, **values}
        _, document, *others = constant_row(connection, table, columns, row)
        assert document is not None  # an empty one was given
        return cls(len(columns), document.removesuffix(_EMPTY_DOCUMENT), b"".join(map(prefixed, others)))

    def rows(self, ids: npt.NDArray[np.uint8], documents: pl.Series) -> memoryview:
        """The bytes of rows with these ids (n x 16) and documents (String, no nulls), without header and trailer."""
        return joined(matrix_values(_COUNT.pack(self.columns), ids), [documents], self.tail, mark=self.mark)


def write_rows(connection: Connection, table: str, columns: Sequence[str], *parts: memoryview) -> int:
    """COPYs rows, in the caller's transaction; returns how many the table accepted."""
    statement = fragment("copy_rows_into", table=sql.Identifier(table), columns=_names(columns))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            copy.write(HEADER)
            for rows in parts:
                for start in range(0, len(rows), _WRITE_BYTES):
                    copy.write(rows[start : start + _WRITE_BYTES])
            copy.write(TRAILER)
        return cursor.rowcount


def constant_row(
    connection: Connection, table: str, columns: Sequence[str], values: Mapping[str, Any]
) -> list[bytes | None]:
    """The values (JSON) of a row as the table's own types have them, in the order of ``columns``; None where null."""
    statement = fragment(
        "copy_row_as_binary",
        columns=_names(columns),
        table=sql.Identifier(table),
        values=sql.Literal(Jsonb(dict(values))),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        data = b"".join(bytes(block) for block in copy)
    row: list[bytes | None] = []
    place = len(HEADER) + _COUNT.size
    for _ in columns:
        (length,) = _LENGTH.unpack_from(data, place)
        place += _LENGTH.size
        row.append(None if length < 0 else data[place : place + length])
        place += max(length, 0)
    return row


def prefixed(value: bytes | None) -> bytes:
    """A column's value with its length in front."""
    return _LENGTH.pack(-1) if value is None else _LENGTH.pack(len(value)) + value


def matrix_values(count: bytes, *columns: npt.NDArray[np.uint8]) -> "pa.Array[Any]":
    """The beginnings of rows: the number of columns, then columns of fixed width, each given as an n x width matrix."""
    parts = [_repeated(count, len(columns[0]))]
    for column in columns:
        parts += [_repeated(_LENGTH.pack(column.shape[1]), len(column)), column]
    return _values(np.hstack(parts))


def joined(front: "pa.Array[Any]", texts: Sequence[pl.Series], tail: bytes, *, mark: bytes = b"") -> memoryview:
    """Joins rows from ``front``, ``texts`` (String, no nulls; each value preceded by ``mark``) and ``tail``."""
    if not len(front):
        return memoryview(b"")  # Arrow's buffer would hold zeros
    join: Callable[..., pa.Array[Any]] = pc.binary_join_element_wise  # typed for arrays alone, or scalars alone
    parts: list[Any] = [front]
    for text in texts:
        sizes = text.str.len_bytes().to_numpy() + len(mark)
        lengths = sizes.astype(">i4").view(np.uint8).reshape(-1, _LENGTH.size)
        parts += [_values(np.hstack([lengths, _repeated(mark, len(text))])), text.to_arrow().cast(pa.large_binary())]
    constant = [pa.scalar(part, pa.large_binary()) for part in (tail, b"")]
    return memoryview(join(*parts, *constant).buffers()[2] or b"")


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _repeated(value: bytes, rows: int) -> npt.NDArray[np.uint8]:
    return np.tile(np.frombuffer(value, dtype=np.uint8), (rows, 1))


def _values(matrix: npt.NDArray[np.uint8]) -> "pa.Array[Any]":
    """Each row of the matrix as a value of its own."""
    offsets = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(matrix.data)]
    return pa.Array.from_buffers(pa.large_binary(), len(matrix), buffers)
