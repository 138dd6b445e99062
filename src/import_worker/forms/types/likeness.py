"""By what cells are recognised as meant for a field of some type."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Likeness:
    """Cells that the type reads are like the field's.

    ``needs_pattern``: the type reads about anything, so only a field with a pattern tells, by that. ``mistakable``: a
    regular expression of cells in another field's column that the type reads although they are something else.
    """

    needs_pattern: bool = False
    mistakable: str | None = None
