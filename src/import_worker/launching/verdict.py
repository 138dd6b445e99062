"""What becomes of a launch message after it was handled."""

from dataclasses import dataclass

from import_worker.launching.messages import PutAside

ENDS = frozenset({0, 3, 5})
"""Exit codes after which the job needs no other worker: completed, failed for good, refused."""


@dataclass(frozen=True)
class Done:
    """The message has served its purpose. ``follow_ups`` are to be sent first, to be received a minute later;
    ``messages`` are to be sent first, too, to be received at once."""

    why: str
    follow_ups: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Later:
    """The message is to be received again after a while."""

    why: str


@dataclass(frozen=True)
class Watched:
    """Processes were started, whose exit codes decide about the message; after a code in ``ends`` it is done."""

    handles: tuple[str, ...]
    follow_ups: tuple[str, ...] = ()
    ends: frozenset[int] = ENDS


Verdict = Done | Later | Watched | PutAside
