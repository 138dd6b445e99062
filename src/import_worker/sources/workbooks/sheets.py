"""The sheets of a workbook, and the choice of the one that is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from import_worker.errors import FailureReason, JobFailed
from import_worker.sources.workbooks.refusals import empty

_NAMES_SHOWN = 20


class WorkbookKind(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    XLSB = "xlsb"
    ODS = "ods"


@dataclass(frozen=True)
class Sheet:
    """The sheet that is read. ``names`` are the names of all worksheets in order, hidden ones included, charts not."""

    kind: WorkbookKind
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """A worksheet as the workbook lists it. ``place`` is how its reader finds it again."""

    name: str
    visible: bool
    place: str = ""


def choose(sheets: Sequence[Listed], wanted: str | None) -> int:
    """The index (from 0) of the sheet named ``wanted``: exactly, else ignoring case and outer spaces.

    ``None`` is the first visible sheet (the first, if all are hidden). Raises ``JobFailed``.
    """
    if not sheets:
        raise empty("The workbook has no worksheet; upload one with a header and rows.")
    if wanted is None:
        return next((index for index, sheet in enumerate(sheets) if sheet.visible), 0)
    for index, sheet in enumerate(sheets):
        if sheet.name == wanted:
            return index
    for index, sheet in enumerate(sheets):
        if sheet.name.strip().casefold() == wanted.strip().casefold():
            return index
    raise JobFailed(
        FailureReason.UNREADABLE_FILE,
        f"The workbook has no sheet named {wanted!r}; name one of these: {quoted([sheet.name for sheet in sheets])}.",
    )


def quoted(names: Sequence[str]) -> str:
    """The names as a list within a sentence; only the first ones if there are many."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(repr(name) for name in names[:_NAMES_SHOWN]) + more
