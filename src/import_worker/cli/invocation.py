"""One call of the program: what its global options and its environment say to all of it."""

from dataclasses import dataclass

import typer


@dataclass
class Invocation:
    """Made by ``main``, completed by the global options and the settings, and read by whoever tells of errors."""

    debug: bool = False
    production: bool = False
    stage: str = "local"


def invocation_of(context: typer.Context) -> Invocation:
    """That of a command's context."""
    found = context.find_object(Invocation)
    assert found is not None  # ``main`` gives it to every context
    return found
