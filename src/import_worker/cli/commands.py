"""Every command by name, with a line of help and the module that is loaded when the command is called."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class CommandEntry:
    """``function`` of ``import_worker.cli.module`` is the command; ``help`` is the docstring that it has."""

    module: str
    function: str
    help: str
    context_settings: dict[str, Any] = field(default_factory=dict)

    def short_help(self, name: str, width: int) -> str:
        """The help, cut to ``width`` characters."""
        return TyperCommand(name, help=self.help).get_short_help_str(width)


COMMANDS = {
    "demo": CommandEntry("demo", "demo", "Make a member registry, import it, and show what happened."),
    "init": CommandEntry("schema", "init", "Create or upgrade the worker's own schema."),
    "submit": CommandEntry("submit", "submit", "Check a file, store it, and create its import job."),
    "run": CommandEntry("run", "run", "Import a job's file, or go on where another worker stopped."),
    "status": CommandEntry("status", "status", "Show one job: state, counts, rate, time left, last error."),
    "list": CommandEntry("list", "list_jobs", "List the newest jobs."),
    "errors": CommandEntry(
        "errors",
        "errors",
        "Show a job's errors: a summary by field and type, what would cure them, then the first of them.",
    ),
    "cancel": CommandEntry("control", "cancel", "Stop a job between chunks and keep what is in."),
    "rollback": CommandEntry(
        "control",
        "rollback",
        "Take a job's rows out again, but for those that people have touched; a running job is cancelled first.",
    ),
    "retry": CommandEntry("run", "retry", "Run a failed job on, from what is already in."),
    "dispatch": CommandEntry(
        "dispatch", "dispatch", "Start a worker for each launch message in the queue, and for jobs whose workers died."
    ),
    "reap": CommandEntry(
        "reap", "reap", "Find jobs whose workers died, and queue them again; with no queue, run them on here."
    ),
    "doctor": CommandEntry(
        "doctor",
        "doctor",
        "Check settings, database and privileges, bucket, queues; say what to do about each failure.",
    ),
    "psql": CommandEntry(
        "schema",
        "psql",
        "Open psql on the worker's database, the embedded one too; arguments go to psql.",
        {"allow_extra_args": True, "ignore_unknown_options": True},
    ),
}
"""All commands, in the order in which `--help` shows them."""


class LazyCommands(MutableMapping[str, Any]):
    """The mapping of commands that typer needs; each command is made at its first use."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(name, COMMANDS[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]


class CommandGroup(TyperGroup):
    """The program's commands. It knows their names and help lines, so that `--help` and a mistyped name load none."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": LazyCommands()})

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, _context: Any, formatter: Any) -> None:
        room = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.short_help(name, room)) for name, entry in COMMANDS.items()])


def _load(name: str, entry: CommandEntry) -> Any:
    function = getattr(import_module(f"import_worker.cli.{entry.module}"), entry.function)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, context_settings=entry.context_settings)(function)
    return typer.main.get_command(alone)
