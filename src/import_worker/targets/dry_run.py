"""The ChunkLoad of a dry run, which inserts nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from import_worker.targets.piece import CheckedPiece
from import_worker.targets.target import LoadedPiece


class DryRunLoad:
    """A ChunkLoad that counts good rows as loaded without inserting them."""

    def load(self, piece: CheckedPiece) -> LoadedPiece:
        return LoadedPiece.of(piece)

    def close(self) -> tuple[str, ...]:
        return ()


@contextmanager
def open_dry_run() -> Iterator[DryRunLoad]:
    yield DryRunLoad()
