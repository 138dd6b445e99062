"""The Dockerfile, its locks and what it is built from, without building it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.dockerfile import context_files, parse

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "infra" / "Dockerfile"
STAGES = parse(DOCKERFILE.read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _lock(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Version (with its marker) and hashes of each distribution."""
    text = re.sub(r"^\s*#.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    locked = {}
    for line in filter(str.strip, text.splitlines()):
        requirement, *hashes = line.split("--hash=")
        name, _, version = requirement.strip().partition("==")
        locked[name] = (version, frozenset(entry.strip() for entry in hashes))
    return locked


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[>=<]", requirement)[0] for requirement in requirements}


RUNTIME = _lock(ROOT / "infra" / "runtime.lock")
BUILD = _lock(ROOT / "infra" / "build.lock")
EVERYTHING = _lock(ROOT / "requirements.lock")


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([str(hadolint), str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_has_what_the_tests_ran_with() -> None:
    assert {name: EVERYTHING.get(name) for name in RUNTIME} == RUNTIME, "run `make lock`"


def test_the_image_has_every_dependency_and_none_of_development_or_a_laptop() -> None:
    wanted = _names(PROJECT["project"]["dependencies"])
    local = _names(PROJECT["project"]["optional-dependencies"]["local"])
    development = _names(PROJECT["dependency-groups"]["dev"])
    assert local
    assert local <= set(EVERYTHING)
    assert not local & set(RUNTIME)
    assert wanted <= set(RUNTIME), "run `make lock`"
    assert not (development - wanted) & set(RUNTIME)
    assert len(RUNTIME) < len(EVERYTHING) / 2


def test_the_build_backend_is_locked_too() -> None:
    assert _names(PROJECT["build-system"]["requires"]) == _names(PROJECT["dependency-groups"]["build"])
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]
    assert _names(PROJECT["build-system"]["requires"]) <= set(BUILD)


@pytest.mark.parametrize("lock", [RUNTIME, BUILD], ids=["runtime", "build"])
def test_everything_is_pinned_by_hash(lock: dict[str, tuple[str, frozenset[str]]]) -> None:
    assert lock
    for version, hashes in lock.values():
        assert re.match(r"\d", version)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", entry) for entry in hashes)


def test_every_installation_checks_hashes_or_asks_nobody() -> None:
    lines = [entry.argument for stage in STAGES for entry in stage.instructions if entry.name == "RUN"]
    installs = [part for line in lines for part in line.split("&&") if "pip" in part and " install " in part]
    assert len(installs) == 3
    assert all(
        "--require-hashes" in part or "--no-index --no-deps" in part or "--no-deps --no-index" in part
        for part in installs
    )


def test_the_image_runs_as_nobody_in_particular_and_gets_its_signals() -> None:
    image = STAGES[-1]
    assert image.list_of("ENTRYPOINT") == ["import-worker"]
    assert image.list_of("CMD") == ["--help"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", image.last("USER"))
    assert image.list_of("VOLUME") == ["/tmp"]
    assert not [entry for entry in image.instructions if entry.name == "RUN"], "nothing is built in what is shipped"


def test_only_what_is_copied_comes_into_the_build() -> None:
    files = context_files(ROOT)
    assert "src/import_worker/__main__.py" in files
    assert "src/import_worker/database/queries/chunks.sql" in files
    sources = {
        word
        for stage in STAGES
        for entry in stage.instructions
        if entry.name == "COPY" and "--from" not in entry.argument
        for word in entry.argument.split()[:-1]
    }
    assert sources == {file if not file.startswith("src/") else "src" for file in files}
