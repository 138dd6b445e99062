"""How cells are recognised as meant for a field of some type."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Likeness:
    """A cell is recognised if the field's type reads it.

    ``needs_pattern``: the type reads almost any text, so cells are recognised only if the field has a pattern and they
    match it. ``mistakable``: a regular expression for cells of other fields' columns that the type reads although they
    mean something else.
    """

    needs_pattern: bool = False
    mistakable: str | None = None
