"""Making the next item while the last one is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

Item = TypeVar("Item")
_END: Final = object()


@contextmanager
def ahead(items: Iterable[Item]) -> Iterator[Iterator[Item]]:
    """Yields an iterator over ``items`` that has its next item made in a thread of its own, one at a time.

    What ``items`` raises is raised where its item would have come. Leaving the context waits for an item that is being
    made, and makes no more.
    """
    source = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:

        def taken() -> Iterator[Item]:
            future = pool.submit(next, source, _END)
            while (item := future.result()) is not _END:
                future = pool.submit(next, source, _END)
                yield item  # type: ignore[misc]

        yield taken()
