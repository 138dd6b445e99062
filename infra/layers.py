"""Spreads an installation's packages over folders, each of which becomes a layer of the image:
``python layers.py /opt/import-worker /layers``.

Layers are fetched side by side, so none is much larger than another. What stays in the installation is the environment
itself, into which the program comes last: a new version of the program leaves these layers alone.
"""

import os
import sys
from pathlib import Path

LAYERS = {
    "polars": ("_polars_runtime*", "polars*"),
    "arrow": ("pyarrow*",),
    "others": ("*",),
}
"""Patterns of names in site-packages; each takes what those before have left. Polars is one library, which nobody can
divide; compressed they are about 51, 30 and 40 MB."""


def spread(installation: Path, target: Path) -> None:
    """Moves the packages below ``target``, to ``NAME/lib/python3.X/site-packages``."""
    (packages,) = installation.glob("lib/python3.*/site-packages")
    for name, patterns in LAYERS.items():
        folder = target / name / packages.relative_to(installation)
        folder.mkdir(parents=True)
        for path in [path for pattern in patterns for path in packages.glob(pattern)]:
            path.rename(folder / path.name)


def forget_times(folder: Path) -> None:
    """Gives everything below one date. A layer's name is its hash, dates included: with one date, packages that have
    not changed keep their layer, also when a builder with nothing in its cache has installed them anew."""
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (0, 0), follow_symlinks=False)


if __name__ == "__main__":
    spread(Path(sys.argv[1]), Path(sys.argv[2]))
    forget_times(Path(sys.argv[2]))
