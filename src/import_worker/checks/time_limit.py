"""Running checks side by side, each with a time limit: a host that does not answer must not hang all of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from import_worker.checks.check import Check, failed
from import_worker.errors import TransientError, UsageError

SECONDS = 10.0

Area = tuple[str, Callable[[], Iterator[Check]]]
"""A name, and a function that yields the area's checks in order, each as soon as its result is known."""


def run_checks(areas: Sequence[Area], seconds: float = SECONDS) -> list[Check]:
    """Runs the checks of all areas and returns them in order. An area that has not ended after ``seconds`` gets one
    failed check more.

    A thread that hangs even then is abandoned; as a daemon it does not keep the process alive.
    """
    results: list[list[Check]] = [[] for _ in areas]
    threads = [
        threading.Thread(target=_collect, args=(name, check_area, result), name=name, daemon=True)
        for (name, check_area), result in zip(areas, results, strict=True)
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


def _collect(name: str, check_area: Callable[[], Iterator[Check]], result: list[Check]) -> None:
    try:
        for check in check_area():
            result.append(check)  # noqa: PERF402  (each result must be in the list as soon as it is known)
    except UsageError as error:
        result.append(failed(f"{name}: settings", str(error), "Change the setting that is named."))
    except TransientError as error:
        result.append(failed(f"{name}: unavailable", str(error), "Look again; if it stays, see who should answer."))
    except Exception as error:  # noqa: BLE001  (an error of one area must not hide the others)
        # The text of an unknown error may hold anything, secrets too.
        result.append(
            failed(
                f"{name}: surprise",
                f"the check itself broke off ({type(error).__name__})",
                "This is a defect of import-worker; please report it with the version and the line above.",
            )
        )
