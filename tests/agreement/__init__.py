"""What holds the product's validator against its slow twin: generated cases, and one way to run both."""

from .case import Case, Focus
from .cases import cases
from .coverage import Coverage
from .fields import OPERATORS, RULES, TYPES
from .mappings import CASES, NORMALIZATIONS, OPTIONS
from .product import run_product
from .reduce import reduced

__all__ = [
    "CASES",
    "NORMALIZATIONS",
    "OPERATORS",
    "OPTIONS",
    "RULES",
    "TYPES",
    "Case",
    "Coverage",
    "Focus",
    "cases",
    "reduced",
    "run_product",
]
