"""``python -m import_worker``, and the ``import-worker`` command."""

from import_worker.cli.app import main as _main
from import_worker.cli.commands import register


def main() -> None:
    register()
    _main()


if __name__ == "__main__":
    main()
