"""A small table with everything that files get wrong (accents, a text of digits, a quoted cell over two lines, empty
cells, a bad row), and what must become of it in any file."""

from typing import Any

from tests.corpus.file_case import RowError
from tests.corpus.tables import Table

TABLE: Table = [
    ["article", "quantity", "day", "sold", "note"],
    ["Kühlschrank", "3", "2024-05-01", "yes", "Größe geändert"],
    ["007", "12", "2024-05-02", "no", ""],
    ["Steel ladder", "0.5", "", "", 'In two parts, "as is"\nand late'],
    ["Lamp", "x", "2024-02-30", "yes", "fine"],
    ["Théière", "1200", "2024-05-04", "no", "déjà payé"],
]
PAYLOADS: list[dict[str, Any]] = [
    {"article": "Kühlschrank", "quantity": 3, "day": "2024-05-01", "sold": True, "note": "Größe geändert"},
    {"article": "007", "quantity": 12, "day": "2024-05-02", "sold": False},
    {"article": "Steel ladder", "quantity": 0.5, "note": 'In two parts, "as is"\nand late'},
    {"article": "Théière", "quantity": 1200, "day": "2024-05-04", "sold": False, "note": "déjà payé"},
]


def errors(header_line: int = 1, *, of_sheet: bool = False) -> list[RowError]:
    """Those of the bad row. ``header_line`` counts from 1; a sheet's rows are one line each."""
    line = header_line + (4 if of_sheet else 5)
    return [
        RowError(4, line, "quantity", "invalid_number", "x"),
        RowError(4, line, "day", "invalid_date", "2024-02-30"),
    ]


# The same without a cell that would need quotes.
PLAIN_TABLE = [[cell.replace('In two parts, "as is"\nand late', "In two parts") for cell in row] for row in TABLE]
PLAIN_PAYLOADS = [{**row, **({"note": "In two parts"} if row["article"] == "Steel ladder" else {})} for row in PAYLOADS]


def plain_errors(header_line: int = 1) -> list[RowError]:
    return errors(header_line, of_sheet=True)
