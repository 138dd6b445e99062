"""``--pending-after``, which `dispatch` and `reap` have."""

from typing import Annotated

import typer

LONGEST_SECONDS = 10 * 365 * 24 * 3600.0
PendingAfter = Annotated[
    float | None,
    typer.Option(
        "--pending-after",
        metavar="SECONDS",
        min=1,
        max=LONGEST_SECONDS,
        help="Take jobs, too, that have been pending for so long and that nobody ever started.",
    ),
]
