"""Forms: what a field accepts, and whole frames of cells judged by it.

Pure: no file, no database, no network; the one thing opened is a helper process for patterns that a
linear-time engine cannot run (``bounded``). Read ``docs/validation.md`` first: this package says the same in code.

This file stays empty of imports, because the helper process pays for each of them.
"""
