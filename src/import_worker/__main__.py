"""``python -m import_worker``, and the ``import-worker`` command."""

import ctypes
import os
from contextlib import suppress

_M_ARENA_MAX = -8
"""https://man7.org/linux/man-pages/man3/mallopt.3.html"""


def main() -> None:
    _return_memory_soon()
    # Imported only now, because the libraries read their environment when they are loaded.
    from import_worker.cli.app import main as run  # noqa: PLC0415

    run()


def _return_memory_soon() -> None:
    """Makes the allocators return freed memory at once, instead of keeping it for seconds or for another thread.

    Measured with two chunks in flight, at the same speed: one arena of the C library instead of one a thread saves
    a quarter (400 MiB resident before, 296 after), and the two settings for Polars and Arrow an eighth.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with suppress(OSError, AttributeError):  # other systems have no mallopt
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


if __name__ == "__main__":
    main()
