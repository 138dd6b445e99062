"""Why a cell is not of its field's type."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TypeFailure:
    error_type: str
    message: str
