"""Which texts PostgreSQL can keep."""


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
