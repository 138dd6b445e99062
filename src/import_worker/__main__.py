"""``python -m import_worker``, and the ``import-worker`` command."""

import os


def main() -> None:
    _return_memory_soon()
    # After that, because the libraries read their environment when they are loaded.
    from import_worker.cli.app import main as run  # noqa: PLC0415
    from import_worker.cli.commands import register  # noqa: PLC0415

    register()
    run()


def _return_memory_soon() -> None:
    """Has the allocators of Polars and Arrow give back what a chunk leaves free, instead of keeping it for seconds.

    Measured with two chunks in flight: 286 MB resident instead of 327, at the same speed.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


if __name__ == "__main__":
    main()
