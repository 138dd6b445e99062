"""Takes out of an installation what the program in the image never opens: ``python slim.py /opt/import-worker``.

The Dockerfile runs it between installing and compiling. Everything that is named here must be there: where a new
version of a library has moved a thing, the build stops and says which, instead of shipping it again unseen.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

AWS_SERVICES = frozenset(
    {
        "ecs",
        "s3",
        "sqs",
        "sts",
        # Credentials come from where every tool of AWS finds them, from these two and STS as well.
        "signin",
        "sso",
        "sso-oidc",
    }
)
"""The services whose descriptions stay; botocore makes no client of any other."""

_FOR_BUILDING = frozenset({".a", ".c", ".cc", ".cpp", ".h", ".hpp", ".lib", ".pc", ".pxd", ".pxi", ".pyi", ".pyx"})
"""What compilers and type checkers read: headers, sources, static libraries, stubs."""

_UNUSED = (
    # Examples, and models of boto3's resources; the program makes clients alone.
    "boto3/data",
    "boto3/examples",
    "botocore/data/*/*/examples-*.json",
    # Tools that compile Fortran and C.
    "numpy/distutils",
    "numpy/f2py",
    # Arrow's own network and its own S3. Its other libraries are linked with one another: without Parquet, Dataset or
    # Substrait none of it can be loaded.
    "pyarrow/_flight.*",
    "pyarrow/_s3fs.*",
    "pyarrow/libarrow_flight.so*",
    "pyarrow/libarrow_python_flight.so*",
    "pyarrow/libarrow_s3.so*",
    "pyarrow/src",
    # Two more copies each, for linking against them; loaded is `.so.` and the number of Arrow's version.
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.*.*",
    "pyarrow/libarrow_python_parquet_encryption.so",
    "pyarrow/libarrow_python_parquet_encryption.so.*.*",
    # Test doubles, of the same.
    "pyarrow/_pyarrow_cpp_tests.*",
    # The second of two bindings; CPython loads backend_c.
    "zstandard/_cffi.*",
    "zstandard/backend_cffi.py",
)
"""Patterns below site-packages."""


def unneeded(installation: Path) -> Iterator[Path]:
    """Files and folders to remove; some lie in others. Raises SystemExit for a name that leads to nothing."""
    packages = site_packages(installation)
    for pattern in _UNUSED:
        found = list(packages.glob(pattern))
        if not found:
            raise SystemExit(f"There is no {pattern} in {packages}: see what the library has in its place.")
        yield from found
    services = {path.name: path for path in (packages / "botocore" / "data").iterdir() if path.is_dir()}
    if missing := AWS_SERVICES - services.keys():
        raise SystemExit(f"botocore does not describe {', '.join(sorted(missing))}.")
    yield from (path for name, path in services.items() if name not in AWS_SERVICES)
    for path in packages.rglob("*"):
        if path.suffix in _FOR_BUILDING or (path.name == "tests" and path.is_dir()):
            yield path
    # Commands of the libraries; the program's own comes later.
    yield from (path for path in (installation / "bin").iterdir() if not path.name.startswith("python"))


def site_packages(installation: Path) -> Path:
    """The folder of the installation's packages; there is exactly one."""
    (packages,) = installation.glob("lib/python3.*/site-packages")
    return packages


def remove(path: Path) -> None:
    """Removes a file or a folder with all that is in it, if it is still there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def main(installation: Path) -> None:
    """Removes what is unneeded, and says how much it was. Raises SystemExit, with nothing removed."""
    before = size(installation)
    for path in list(unneeded(installation)):
        remove(path)
    after = size(installation)
    sys.stdout.write(f"{before / 2**20:.0f} MiB installed, {after / 2**20:.0f} needed\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
