"""The shell commands of a page: those in ```sh blocks, and those that stand in backticks. Read, not run."""

import re
import shlex
from collections.abc import Iterator


def sh_blocks(page: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def sql_blocks(page: str) -> list[str]:
    return re.findall(r"^```sql\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def commands(page: str, *programs: str) -> list[list[str]]:
    """Every use of one of the programs, as words. What a ``$(...)`` gives is the word ``X``, and it counts itself."""
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    found = [words for text in [*sh_blocks(page), *spans] for words in _commands(text) if words[0] in programs]
    assert found
    return found


def _commands(text: str) -> Iterator[list[str]]:
    text = text.replace("\\\n", " ")
    while inner := re.search(r'"?\$\(([^()]*)\)"?', text):
        yield from _simple(inner[1])
        text = text[: inner.start()] + "X" + text[inner.end() :]
    for line in text.splitlines():
        yield from _simple(re.sub(r"^\w+\(\) \{(.*); \}$", r"\1", line))


def _simple(line: str) -> Iterator[list[str]]:
    """The commands of a line, pipes apart. What is no shell (a name in backticks) may well not parse."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        words = list(lexer)
    except ValueError:
        return
    command: list[str] = []
    for word in [*words, "|"]:
        if word == "|":
            if command:
                yield command
            command = []
        else:
            command.append(word)


def options(words: list[str]) -> dict[str, str]:
    """``--name`` and the word behind it (empty where another option follows)."""
    return {
        word.partition("=")[0]: "" if following.startswith("--") else following
        for word, following in zip(words, [*words[1:], ""], strict=True)
        if word.startswith("--")
    }
