"""Formatting numbers and texts, and printing documents, where no table is needed."""

import json
import shutil
import sys
from typing import Any


def print_json(document: Any) -> None:
    """The one JSON document of a ``--json`` call."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def program_name() -> str:
    """How to call this program again: its name, or its path where the name is not on the PATH (after `make demo`)."""
    called = sys.argv[0]
    return "import-worker" if shutil.which("import-worker") or called.endswith(".py") else called


def escape_markup(text: str) -> str:
    """Escapes a text so that rich finds no markup in it."""
    return text.replace("[", "\\[")


def format_rows(number: int) -> str:
    """``1 row`` or ``2,000 rows``."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def format_duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
