"""The slow twin: what a form makes of a table, row by row, in ordinary Python.

Written from section 7 of the contract and ``docs/validation.md`` alone, never from the product. It is there
to be obviously right; ``tests/unit/test_twin_agrees.py`` holds the fast validator against it.
"""

from .validate import RowError, validate_rows

__all__ = ["RowError", "validate_rows"]
