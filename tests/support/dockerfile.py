"""Runs a Dockerfile without docker: its own COPY and RUN lines, in a folder that represents the root.

It supports the instructions that this project's Dockerfile uses. Absolute paths below the folders that the Dockerfile
makes are moved into the folder.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    name: str
    argument: str


@dataclass
class Stage:
    """One FROM and the instructions that follow it; of several with one name the last counts."""

    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> str:
        return [entry.argument for entry in self.instructions if entry.name == name][-1]

    def list_of(self, name: str) -> list[str]:
        """The last instruction of that name, which must be in exec form."""
        value = json.loads(self.last(name))
        assert isinstance(value, list)
        return value

    def environment(self, path: str) -> dict[str, str]:
        """All of ENV; ``path`` is what ``$PATH`` was before."""
        words = [word for entry in self.instructions if entry.name == "ENV" for word in entry.argument.split()]
        pairs = (word.partition("=")[::2] for word in words)
        return {name: value.replace("$PATH", path) for name, value in pairs}


def parse(text: str) -> list[Stage]:
    stages: list[Stage] = []
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            _, _, name = instruction.argument.partition(" AS ")
            stages.append(Stage(name))
        elif stages:
            stages[-1].instructions.append(instruction)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            name, argument = line.strip().split(None, 1)
            yield Instruction(name.upper(), re.sub(r"\s+", " ", argument))


def context_files(project: Path) -> list[str]:
    """The files that the .dockerignore admits to the build; it must begin with ``*`` and then admit single paths."""
    lines = [line for line in (project / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    taken = [project / line[1:] for line in lines if line.startswith("!")]
    left_out = [line for line in lines[1:] if not line.startswith("!")]
    assert left_out == ["**/__pycache__"]
    files = [file for path in taken for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    return sorted(file.relative_to(project).as_posix() for file in files if "__pycache__" not in file.parts)


def build(stage: Stage, project: Path, root: Path, made: list[str], environment: dict[str, str]) -> None:
    """Runs the stage: ``made`` are the absolute folders it makes, which come to be below ``root``."""

    def moved(text: str) -> str:
        return re.sub(rf"(?<![\w.-])(?=({'|'.join(map(re.escape, made))})\b)", str(root), text)

    folder = root
    for instruction in stage.instructions:
        if instruction.name == "WORKDIR":
            folder = Path(moved(instruction.argument))
            folder.mkdir(parents=True)
        elif instruction.name == "COPY":
            *sources, target = instruction.argument.split()
            for source in sources:
                _copy(project, source, folder / target)
        elif instruction.name == "RUN":
            result = subprocess.run(
                ["/bin/sh", "-c", moved(instruction.argument)],
                cwd=folder,
                env=environment | stage.environment(environment["PATH"]),
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, f"{instruction.argument}\n{result.stdout}\n{result.stderr}"
        else:
            assert instruction.name == "ENV", f"teach this test {instruction.name}"


def assemble(image: Stage, stage: Stage, root: Path) -> dict[str, dict[str, int]]:
    """Does the image's COPY lines in the root of the stage that they copy from, in their order.

    Returns the layers that they make: by the folder that is copied, the bytes of each file in it, named from there.
    """
    layers: dict[str, dict[str, int]] = {}
    for argument in [entry.argument for entry in image.instructions if entry.name == "COPY"]:
        origin, source, target = argument.split()
        assert origin == f"--from={stage.name}"
        folder = root / source[1:]
        # Files that an earlier line has copied to the same place belong to that line's layer.
        known = {name for layer in layers.values() for name in layer} if source == target else set[str]()
        files = {str(path.relative_to(folder)): path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()}
        layers[source] = {name: size for name, size in files.items() if name not in known}
        if source != target:
            shutil.copytree(folder, root / target[1:], symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(folder)
    return layers


def _copy(project: Path, source: str, target: Path) -> None:
    """Copies a file into the target folder, or a folder's content to the target."""
    allowed = [file for file in context_files(project) if file == source or file.startswith(f"{source}/")]
    assert allowed, f"{source} is not let into the build"
    for file in allowed:
        place = target / (Path(file).name if file == source else Path(file).relative_to(source))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / file, place)
