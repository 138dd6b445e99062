"""Checks side by side, each with a time limit: a host that swallows everything must not hang the whole."""

import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from import_worker.checks.check import Check, failed
from import_worker.errors import TransientError, UsageError

SECONDS = 10.0

Area = tuple[str, Callable[[], Iterator[Check]]]
"""A name, and what finds out about it: checks in order, each as soon as it is known."""


def look_at(areas: Sequence[Area], seconds: float = SECONDS) -> list[Check]:
    """The checks of all areas, in order. What an area has not found out after ``seconds`` is one failed check.

    A thread that hangs even then is abandoned; being a daemon, it does not keep the process.
    """
    results: list[list[Check]] = [[] for _ in areas]
    threads = [
        threading.Thread(target=_collect, args=(name, find, result), name=name, daemon=True)
        for (name, find), result in zip(areas, results, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = monotonic() + seconds
    found: list[Check] = []
    for (name, _), thread, result in zip(areas, threads, results, strict=True):
        thread.join(max(deadline - monotonic(), 0))
        hangs = thread.is_alive()
        found += list(result)
        if hangs:
            found.append(
                failed(
                    f"{name}: time",
                    f"no answer within {seconds:.0f} s",
                    "Something on the way swallows packets: check security groups, routes, endpoints and proxies.",
                )
            )
    return found


def _collect(name: str, find: Callable[[], Iterator[Check]], result: list[Check]) -> None:
    try:
        for check in find():
            result.append(check)  # noqa: PERF402  (each must be there as soon as it is known)
    except UsageError as error:
        result.append(failed(f"{name}: settings", str(error), "Change the setting that is named."))
    except TransientError as error:
        result.append(failed(f"{name}: unavailable", str(error), "Look again; if it stays, see who should answer."))
    except Exception as error:  # noqa: BLE001  (one area's surprise hides no other area)
        # The text of an unknown error may hold anything, secrets too.
        result.append(
            failed(
                f"{name}: surprise",
                f"the check itself broke off ({type(error).__name__})",
                "This is a defect of import-worker; please report it with the version and the line above.",
            )
        )
