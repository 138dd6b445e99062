"""Prefetching: making the next item while the caller uses the last one."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

Item = TypeVar("Item")
_END: Final = object()


@contextmanager
def prefetch(items: Iterable[Item]) -> Iterator[Iterator[Item]]:
    """Yields an iterator over ``items`` whose next item a thread of its own makes, one at a time.

    An error of ``items`` is raised in the place of the item. Leaving the context waits for an item that is being made,
    and makes no more.
    """
    source = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as pool:

        def prefetched() -> Iterator[Item]:
            future = pool.submit(next, source, _END)
            while (item := future.result()) is not _END:
                future = pool.submit(next, source, _END)
                yield item  # type: ignore[misc]  # it is not _END here

        yield prefetched()
