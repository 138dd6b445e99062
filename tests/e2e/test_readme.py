"""The README's own example, taken from the page and really run."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.cli import Cli
from tests.support.host import Host
from tests.support.postgres import Server

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def _file(name: str) -> str:
    """The content of a file that the README shows under its name."""
    found = re.search(rf"^`{re.escape(name)}`:\n\n```\w+\n(.*?)```", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"the README does not show {name}"
    return found[1]


def _shown(command: str) -> list[str]:
    """The lines of output that the README shows for a command, down to the end of the block or the next command."""
    start = README.index(f"$ {command}\n") + len(command) + 3
    block = README[start : README.index("```", start)]
    return [line.rstrip() for line in block.split("\n$ ")[0].splitlines()]


def _without_numbers(line: str) -> str:
    """A line whose ids and times may differ."""
    line = re.sub(r"^job [0-9a-f…-]+$", "job …", line)
    return re.sub(r" in \S+ s \([\d,]+ rows/s\)", " in …", line)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("club.json", "club.csv"):
        (tmp_path / name).write_text(_file(name), encoding="utf-8")
    return tmp_path


def test_the_example_does_what_the_readme_shows(folder: Path, cli: Cli, host: Host) -> None:
    first = cli("submit", folder / "club.csv", "--form", folder / "club.json", "--run")
    assert first.code == 0, first.err
    _assert_as_shown(first.out, "import-worker submit club.csv --form club.json --run")
    rejected = host.read(f"imports/{_job_id(first.out)}/rejected.csv")
    assert rejected == _file("rejected.csv")

    mended = rejected
    for before, after in (
        ("1985-02-30", "1985-02-28"),
        (",1990-01-01,Expert,-3", "Ama Roswes,1990-01-01,Beginner,3"),
    ):
        assert before in mended
        assert f"`{after}`" in README
        mended = mended.replace(before, after)
    (folder / "rejected.csv").write_text(mended, encoding="utf-8")
    second = cli("submit", folder / "rejected.csv", "--form", folder / "club.json", "--run")
    assert second.code == 0, second.err
    _assert_as_shown(second.out, "import-worker submit rejected.csv --form club.json --run")
    assert host.value("SELECT count(*) FROM form_submissions") == 5


def _assert_as_shown(out: str, command: str) -> None:
    """Every line that the README shows is really printed, in that order."""
    printed = [_without_numbers(line.rstrip()) for line in out.splitlines()]
    shown = [_without_numbers(line) for line in _shown(command) if line != "…"]
    assert any(re.match(r"\d+ of \d+ rows imported", line) for line in shown)
    rest = iter(printed)
    for line in shown:
        assert line in rest, f"the README shows {line!r}, and the command prints\n{out}"


def _job_id(out: str) -> UUID:
    found = re.search(r"^job (\S+)$", out, re.MULTILINE)
    assert found is not None
    return UUID(found[1])


def test_init_prints_what_the_readme_shows(cli: Cli, postgres: Server) -> None:
    with postgres.fresh_database(empty=True) as url:
        printed = cli("init", "--standalone", DatabaseUrl=url)
    assert printed.code == 0, printed.err
    assert printed.out.splitlines() == [line for line in _shown("import-worker init --standalone") if line]
