"""The result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    """Something that the worker needs does not work."""
    WARNING = "warning"
    """It works, but may not for long, or not well."""
    SKIPPED = "skipped"
    """It could not be checked, because something before it failed."""
    INFO = "info"
    """A fact without a judgement: what is not set, whether a pooler is in between, what cannot be checked."""


@dataclass(frozen=True)
class Check:
    """``name`` is ``area: thing``; ``found`` and ``cure`` are for people and hold no secrets. A line of ``cure`` that
    ends in a semicolon is an SQL statement, ready to be run."""

    name: str
    state: State
    found: str
    cure: str | None = None


def ok(name: str, found: str) -> Check:
    return Check(name, State.OK, found)


def failed(name: str, found: str, cure: str) -> Check:
    return Check(name, State.FAILED, found, cure)


def warning(name: str, found: str, cure: str) -> Check:
    return Check(name, State.WARNING, found, cure)


def skipped(name: str, because: str) -> Check:
    return Check(name, State.SKIPPED, f"not checked, because {because}")


def info(name: str, found: str, cure: str | None = None) -> Check:
    return Check(name, State.INFO, found, cure)
