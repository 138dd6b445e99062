"""``infra/slim.py`` on a small installation: what it removes, what it leaves, and when it refuses."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.image import ROOT

SCRIPT = ROOT / "infra" / "slim.py"
PATTERNS: tuple[str, ...] = runpy.run_path(str(SCRIPT))["_UNUSED"]
SERVICES = ["ecs", "s3", "signin", "sqs", "sso", "sso-oidc", "sts"]
KEPT = {
    "bin/python3",
    *(f"site-packages/botocore/data/{name}/1/service-2.json.gz" for name in SERVICES),
    "site-packages/botocore/data/endpoints.json",
    "site-packages/numpy/testing/__init__.py",
    "site-packages/pyarrow/libarrow_python.so.2600",
    "site-packages/zstandard/__init__.py",
    "site-packages/zstandard-1.dist-info/METADATA",
}
REMOVED = {
    "bin/f2py",
    "site-packages/botocore/data/ec2/1/service-2.json.gz",
    "site-packages/numpy/core/include/numpy.h",
    "site-packages/numpy/tests/test_numpy.py",
    "site-packages/pyarrow/lib.pyx",
    "site-packages/zstandard/__init__.pyi",
    *(f"site-packages/{pattern.replace('*', '1')}" for pattern in PATTERNS),
}


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    for name in KEPT | REMOVED:
        path = _place(tmp_path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def _place(installation: Path, name: str) -> Path:
    return installation / name.replace("site-packages", "lib/python3.11/site-packages")


def _slim(installation: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, installation], capture_output=True, text=True, check=False)


def test_it_removes_what_is_not_opened_and_nothing_else(installation: Path) -> None:
    done = _slim(installation)
    assert done.returncode == 0, done.stderr
    left = {path for path in installation.rglob("*") if path.is_file()}
    assert left == {_place(installation, name) for name in KEPT}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_refuses_when_what_it_knows_has_moved(pattern: str, installation: Path) -> None:
    for path in (installation / "lib/python3.11/site-packages").glob(pattern):
        path.unlink()
    done = _slim(installation)
    assert done.returncode == 1
    assert f"There is no {pattern} in " in done.stderr


def test_it_refuses_when_a_service_is_not_described_any_more(installation: Path) -> None:
    folder = _place(installation, "site-packages/botocore/data/sqs/1/service-2.json.gz").parent
    folder.rename(folder.parents[1] / "renamed")
    folder.parent.rmdir()
    done = _slim(installation)
    assert done.returncode == 1
    assert "botocore does not describe sqs" in done.stderr
