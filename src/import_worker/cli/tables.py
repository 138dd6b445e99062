"""Tables and marked-up lines for people, on a terminal and in a pipe.

The first call loads rich, which a command with ``--json`` does not need.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table

_PLAIN_WIDTH = 120
"""The width where there is no terminal: logs and pipes should not wrap at 80."""


def stdout() -> "Console":
    return _console(stderr=False)


def stderr() -> "Console":
    return _console(stderr=True)


def plain_table(*headers: str) -> "Table":
    """A table without boxes; columns of numbers are aligned by ``table.columns[i].justify``."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        numeric = header.lower() in ("rows", "errors", "row", "line", "imported", "rejected")
        # An id that is wrapped cannot be copied.
        table.add_column(header, justify="right" if numeric else "left", overflow="fold", no_wrap=header == "job")
    return table


def plain_list() -> "Table":
    """A table of names and values, without a header."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    return table


def live(shown: "RenderableType", console: "Console") -> "Live":
    """A part of the terminal that is redrawn in its place by ``update(…, refresh=True)``."""
    from rich.live import Live

    return Live(shown, console=console, auto_refresh=False)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else _PLAIN_WIDTH, soft_wrap=False)
