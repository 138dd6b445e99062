"""Words and documents: what the commands print with where no table is needed."""

import json
import shutil
import sys
from typing import Any


def print_json(document: Any) -> None:
    """The one JSON document of a ``--json`` call."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def program() -> str:
    """How to call this program again: by name, or by path where the name is not on the PATH (after `make demo`)."""
    called = sys.argv[0]
    return "import-worker" if shutil.which("import-worker") or called.endswith(".py") else called


def plain(text: str) -> str:
    """Text in which rich finds no markup."""
    return text.replace("[", "\\[")


def rows(number: int) -> str:
    """``1 row`` or ``2,000 rows``."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
