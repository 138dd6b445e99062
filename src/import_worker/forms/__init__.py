"""Forms: what a field accepts, and the validation of whole frames of cells.

Pure: no file, no database, no network. The one thing opened is a helper process for patterns that a linear-time engine
cannot run (``rules.bounded_patterns``). Read ``docs/validation.md`` first: this package says the same in code.

This file imports nothing, because the helper process would load each import as well.
"""
