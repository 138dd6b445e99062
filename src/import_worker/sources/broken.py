"""Records that cannot become rows: too many or too few cells, NULs, bytes that the encoding does not allow. Pure."""

from dataclasses import dataclass

import numpy as np

from import_worker.sources.dialect import Dialect
from import_worker.sources.header import parse_record
from import_worker.sources.scan import Records

_WINDOW_RECORDS = 256


@dataclass(frozen=True)
class BadRecord:
    """A record that is rejected as a whole. ``column`` is the header of the cell to blame, where one is."""

    row: int
    error_type: str
    message: str
    raw: str
    column: str | None = None
    column_index: int | None = None


@dataclass(frozen=True)
class InvalidText:
    """A record (index from 0 in its chunk) with a NUL or with bytes that are not UTF-8."""

    index: int
    has_nul: bool

    def describe(
        self, data: bytes, records: Records, dialect: Dialect, header: tuple[str, ...], first_row: int
    ) -> BadRecord:
        """Finds the first cell to blame."""
        raw = data[int(records.starts[self.index]) : int(records.ends[self.index])]
        # A lone surrogate stands for a byte that is not UTF-8; U+FFFF, never text, keeps a NUL through the csv reader.
        cells = parse_record(raw.decode("utf-8", "surrogateescape").replace("\0", "\uffff"), dialect)
        guilty = next((i for i, cell in enumerate(cells) if _is_invalid(cell, self.has_nul)), None)
        known = guilty is not None and guilty < len(header)
        text = cells[guilty] if guilty is not None else "".join(cells)
        return BadRecord(
            row=first_row + self.index,
            error_type="invalid_character",
            message="Contains a NUL character" if self.has_nul else "Contains bytes that are not valid UTF-8",
            raw=_printable(text),
            column=header[guilty] if known and guilty is not None else None,
            column_index=guilty if known else None,
        )


def find_invalid_text(data: bytes, records: Records) -> list[InvalidText]:
    """The records with a NUL or with bytes that are not UTF-8, in order."""
    with_nul: set[int] = set()
    if b"\0" in data:
        positions = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        with_nul = set((np.searchsorted(records.starts, positions, side="right") - 1).tolist())
    undecodable: set[int] = set()
    if not data.isascii():
        # Windows bound the work: one bad byte must not cost a look at every record of the chunk.
        for first in range(0, len(records), _WINDOW_RECORDS):
            last = min(first + _WINDOW_RECORDS, len(records))
            window = data[int(records.starts[first]) : int(records.ends[last - 1])]
            if not _is_utf8(window):
                undecodable.update(
                    index
                    for index in range(first, last)
                    if not _is_utf8(data[int(records.starts[index]) : int(records.ends[index])])
                )
    return [InvalidText(index, index in with_nul) for index in sorted(with_nul | undecodable)]


def settle_ragged(
    ragged: list[tuple[int, str]], dialect: Dialect, width: int, *, pad: bool
) -> tuple[list[tuple[int, list[str]]], list[BadRecord]]:
    """Sorts (row, text) of records whose cells do not fit the header into rows all the same, and malformed ones.

    Extra cells that are all empty are dropped; with ``pad`` missing trailing cells are empty. A cell is empty when
    nothing but white space is in it.
    """
    accepted: list[tuple[int, list[str]]] = []
    malformed: list[BadRecord] = []
    for row, text in ragged:
        cells = parse_record(text, dialect)
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            accepted.append((row, cells[:width]))
        elif len(cells) < width and pad:
            accepted.append((row, cells + [""] * (width - len(cells))))
        else:
            malformed.append(
                BadRecord(row, "malformed_row", f"Has {len(cells)} cells where the header has {width}", text)
            )
    return accepted, malformed


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_invalid(cell: str, has_nul: bool) -> bool:
    return ("\uffff" in cell and has_nul) or any("\udc80" <= char <= "\udcff" for char in cell)


def _printable(text: str) -> str:
    """The text with U+FFFD for what PostgreSQL cannot hold."""
    return text.replace("\uffff", "\ufffd").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
