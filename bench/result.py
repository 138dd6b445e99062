"""The result of a comparison, and how it is shown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """``value`` and ``goal`` in ``unit``; the goal is met by at least (``at_least``) or at most that much. Without a
    goal the value is for information only."""

    name: str
    value: float
    unit: str = "x"
    goal: float | None = None
    at_least: bool = True
    figures: dict[str, float] = field(default_factory=dict)
    """The figures that the value was computed from, by name with unit."""

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def show(results: Sequence[Result], console: Console) -> None:
    table = Table(title="the program against its goals")
    for heading in ("what", "measured", "goal", "", "made of"):
        table.add_column(heading, justify="right" if heading in ("measured", "goal") else "left")
    for result in results:
        goal = "" if result.goal is None else f"{'≥' if result.at_least else '≤'} {result.goal:g} {result.unit}"
        verdict = {None: "", True: "met", False: "[bold red]not met[/]"}[result.met]
        made_of = ", ".join(f"{name} {value:,.4g}" for name, value in result.figures.items())
        table.add_row(result.name, f"{result.value:,.3g} {result.unit}", goal, verdict, made_of)
    console.print(table)


def save(results: Sequence[Result], about: dict[str, Any], path: Path) -> None:
    document = {"about": about, "results": [{**asdict(result), "met": result.met} for result in results]}
    path.write_text(json.dumps(document, indent=2) + "\n")
