"""One call of the program: the global options and the environment, which concern all of it."""

from dataclasses import dataclass

import typer


@dataclass
class Invocation:
    """``main`` makes it, the global options and the settings complete it, and ``failures`` reads it."""

    debug: bool = False
    production: bool = False
    stage: str = "local"


def invocation_of(context: typer.Context) -> Invocation:
    """The invocation that a command's context carries."""
    found = context.find_object(Invocation)
    assert found is not None  # ``main`` gives it to every context
    return found
