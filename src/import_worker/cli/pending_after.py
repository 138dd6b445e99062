"""The option ``--pending-after`` of `dispatch` and `reap`."""

from typing import Annotated

import typer

MAX_SECONDS = 10 * 365 * 24 * 3600.0
PendingAfter = Annotated[
    float | None,
    typer.Option(
        "--pending-after",
        metavar="SECONDS",
        min=1,
        max=MAX_SECONDS,
        help="Take jobs, too, that have been pending for so long and that nobody ever started.",
    ),
]
