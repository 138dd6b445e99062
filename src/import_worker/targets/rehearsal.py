"""A dry run's chunk: the same verbs, and nothing goes in."""

from collections.abc import Iterator
from contextlib import contextmanager

from import_worker.targets.piece import CheckedPiece
from import_worker.targets.target import LoadedPiece


class Rehearsal:
    """A ChunkLoad that takes every good row and keeps none."""

    def load(self, piece: CheckedPiece) -> LoadedPiece:
        return LoadedPiece.of(piece)

    def close(self) -> tuple[str, ...]:
        return ()


@contextmanager
def rehearse() -> Iterator[Rehearsal]:
    yield Rehearsal()
