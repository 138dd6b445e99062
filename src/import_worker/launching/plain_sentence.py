"""Sentences as SQS attributes and log lines can hold them. Pure."""

_MAX_SENTENCE_CHARACTERS = 500


def plain_sentence(text: str) -> str:
    """Printable ASCII of bounded length, which SQS accepts as an attribute and a log as a line."""
    printable = text.encode("ascii", "backslashreplace").decode()
    printable = "".join(character if character.isprintable() else "?" for character in printable)
    return (
        printable if len(printable) <= _MAX_SENTENCE_CHARACTERS else printable[: _MAX_SENTENCE_CHARACTERS - 3] + "..."
    )
