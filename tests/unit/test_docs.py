"""The docs name everything there is, and nothing that is not: read from the program itself, so that neither drifts."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
import typer.main
from pydantic import AliasChoices

import import_worker
from import_worker import errors
from import_worker.cli.app import app
from import_worker.database.migrate import list_migrations
from import_worker.database.queries import query
from import_worker.errors import FailureReason
from import_worker.event import EventType
from import_worker.forms.notices import NoticeCode
from import_worker.forms.types.registry import FIELD_TYPES
from import_worker.job import TRANSITIONS
from import_worker.launching.messages import PutAsideReason
from import_worker.options import JobOptions
from import_worker.row_errors.error_type import RowErrorType
from import_worker.row_errors.sentence import Sentence
from import_worker.settings import Settings
from import_worker.telemetry.metrics import UNITS as METRICS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "import_worker"
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
VALIDATION = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_ALSO_OTHER_WORDS = {"required", "validation"}
"""Codes of row errors that are words of a form's JSON as well."""

_SQL_TYPES = "uuid|jsonb|bigint|int|smallint|text|boolean|timestamptz|real"

PROGRAM: Any = typer.main.get_command(app)


def _options(command: Any) -> set[str]:
    """Every spelling of every option of a command (or of the program), but not those of help."""
    return {name for parameter in command.params for name in parameter.opts if name.startswith("-")} - {"--help", "-h"}


def _table(heading: str) -> list[list[str]]:
    """The cells of the first table of the reference after that heading, without its header."""
    table = re.search(r"(?:^\|.*\n)+", _section(REFERENCE, heading), re.MULTILINE)
    assert table is not None, f"there is no table under {heading!r}"
    rows = [line.strip("|").split("|") for line in table[0].splitlines()]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def _section(page: str, heading: str) -> str:
    """The text from a heading to the next one of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", page, re.MULTILINE)
    assert found is not None, f"there is no heading {heading!r}"
    rest = page[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def _code(text: str) -> set[str]:
    """Everything that stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def _first_column(heading: str) -> set[str]:
    return {name for row in _table(heading) for name in _code(row[0])}


def test_every_command_is_in_the_reference_and_no_other() -> None:
    documented = {name.split()[0] for name in _first_column("Commands")}
    assert documented == set(PROGRAM.commands)


@pytest.mark.parametrize("name", sorted(PROGRAM.commands))
def test_every_option_of_a_command_is_in_the_reference(name: str) -> None:
    documented = {code.split()[0] for code in _code(_about(name))}
    missing = _options(PROGRAM.commands[name]) - documented
    assert not missing, f"`{name}`: {missing}"


def _about(name: str) -> str:
    """What the reference says of a command: a section of its own, or its line in the table and its sentence."""
    section = _section(REFERENCE, "Commands")
    if f"### `{name}`\n" in section:
        return _section(section, f"`{name}`")
    lines = [line for line in section.splitlines() if re.match(rf"\| `{name}\b", line)]
    sentences = [part for part in re.split(r"(?<=\.)\s|\n\n", section) if part.startswith(f"`{name}`")]
    return " ".join(lines + sentences)


def test_the_options_before_a_command_are_in_the_reference() -> None:
    assert _options(PROGRAM) <= _code(_section(REFERENCE, "Commands"))


def test_every_setting_is_in_the_reference_and_no_other() -> None:
    aliases: set[str] = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        aliases |= {str(choice) for choice in alias.choices} if isinstance(alias, AliasChoices) else {str(alias)}
    assert _first_column("Settings") == aliases


def test_every_job_option_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Job options") == set(JobOptions.model_fields)


def test_every_failure_code_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Failure codes") == set(FailureReason)


def test_failure_codes_that_nothing_raises_are_said_to_be_for_later() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "errors.py")
    for row in _table("Failure codes"):
        (reason,) = _code(row[0])
        raised = f"FailureReason.{FailureReason(reason).name}" in code
        assert raised != ("for later" in row[1]), reason


def test_every_notice_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Notices") == set(NoticeCode)


def test_every_reason_to_refuse_a_message_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Refused messages") == set(PutAsideReason)


def test_every_event_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Events") == set(EventType)


def test_every_metric_is_in_the_reference_with_its_unit() -> None:
    assert {(*_code(row[0]), row[1]) for row in _table("Metrics")} == set(METRICS.items())


def test_every_row_error_is_in_the_reference_and_no_other() -> None:
    assert _first_column("Row errors") == set(RowErrorType)


def test_every_row_error_has_a_sentence_and_every_sentence_is_told() -> None:
    assert {sentence.error_type for sentence in Sentence} == set(RowErrorType)
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert [sentence for sentence in Sentence if f"Sentence.{sentence.name}" not in code] == []


def test_row_errors_are_worded_in_one_place() -> None:
    for path in SOURCE.rglob("*.py"):
        if path.parent.name == "row_errors":
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bProblem\(", text), f"{path} words a row error itself"
        quoted = [code for code in RowErrorType if re.search(rf"""["']{code}["']""", text)]
        assert set(quoted) <= _ALSO_OTHER_WORDS, f"{path} spells the row errors {quoted}"


def test_every_field_type_is_in_the_table_of_what_is_accepted_and_no_other() -> None:
    section = _section(VALIDATION, "From cell to stored value")
    table = re.search(r"^\| type \|.*\n\|.*\n((?:\|.*\n)+)", section, re.MULTILINE)
    assert table is not None
    told = [name.strip() for line in table[1].splitlines() for name in line.split("|")[1].split(",")]
    assert sorted(told) == sorted(FIELD_TYPES)


def test_every_table_and_column_of_the_schema_is_in_the_reference_and_no_other() -> None:
    section = _section(REFERENCE, "The worker's schema")
    parts = re.split(r"^\*\*`(\w+)`\*\*", section, flags=re.MULTILINE)
    documented = {}
    for table, text in zip(parts[1::2], parts[2::2], strict=True):
        rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
        documented[table] = _code(" ".join(rows)) if rows else _code(text)
    assert documented == _schema()


def _schema() -> dict[str, set[str]]:
    """Tables and their columns, as the migrations make them; `migrations` itself is made beside them."""
    statements = [query("create_migrations").decode() + ";"]
    statements += [
        (SOURCE / "database" / "migrations" / f"{name}.sql").read_text(encoding="utf-8") for name in list_migrations()
    ]
    tables: dict[str, set[str]] = {}
    for text in statements:
        bare = re.sub(r"--.*", "", text)
        for table, column in re.findall(r"ALTER TABLE import_worker\.(\w+) ADD COLUMN (\w+)", bare):
            tables[table].add(column)
        assert bare.count("ALTER TABLE") == bare.count("ADD COLUMN"), "teach this test to read more of ALTER TABLE"
        for name, body in re.findall(
            r"CREATE TABLE (?:IF NOT EXISTS )?import_worker\.(\w+) *\((.*?)\)(?:;|\")", bare, re.DOTALL
        ):
            columns = re.findall(
                r"(?:^|,)\s*([a-z_]+) +(?:uuid|jsonb|bigint|int|text|boolean|timestamptz|real)\b", body
            )
            tables[name] = set(columns)
    return tables


def test_the_state_diagram_is_the_table_of_transitions() -> None:
    diagram = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", ARCHITECTURE, re.DOTALL)
    assert diagram is not None
    arrows = re.findall(r"^ *(\S+) --> (\w+)(?:: *(\w+))?$", diagram[1], re.MULTILINE)
    assert [arrow for arrow in arrows if arrow[0] == "[*]"] == [("[*]", "pending", "")]
    drawn = sorted(arrow for arrow in arrows if arrow[0] != "[*]")
    assert drawn == sorted((str(before), str(after), str(event)) for (before, after), event in TRANSITIONS.items())


def test_the_layers_are_those_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {entry["name"]: entry for entry in project["tool"]["importlinter"]["contracts"]}
    checked = [re.findall(r"\w+", layer) for layer in contracts["Arrows point downward"]["layers"]]
    rows = [line.split("|")[2] for line in _section(ARCHITECTURE, "Rooms").splitlines() if line.startswith("| ")]
    told = [re.findall(r"`(\w+)(?:/|\.py)?`", row) for row in rows]
    assert [names for names in told if names] == checked


def test_the_drawing_of_errors_has_every_exception_where_it_hangs() -> None:
    assert _drawn_errors() == _defined_errors()


def _below(above: type[BaseException]) -> Iterator[type[BaseException]]:
    for each in above.__subclasses__():
        yield each
        yield from _below(each)


def _defined_errors() -> dict[str, str]:
    """Every exception of the program that a module shows to others, with the class above it."""
    for module in walk_packages(import_worker.__path__, "import_worker."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    own = [each for each in _below(BaseException) if each.__module__.startswith("import_worker.")]
    return {each.__name__: each.__bases__[0].__name__ for each in own if not each.__name__.startswith("_")}


def _drawn_errors() -> dict[str, str]:
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ([│├└─ ]*)([A-Z][A-Za-z]+)(?:  |$)", line)
        if match is None:
            continue
        depth = len(match[1])
        while above and above[-1][0] >= depth:
            above.pop()
        if above or match[2] != "Exception":
            found[match[2]] = above[-1][1] if above else "Exception"
        above.append((depth, match[2]))
    return found


def test_every_file_and_folder_that_the_architecture_names_is_there() -> None:
    named = {name for name in re.findall(r"`([\w/]+(?:/|\.py|\.sql))`", ARCHITECTURE) if "/" in name}
    assert len(named) > 40
    inside = [SOURCE, SOURCE / "importing", SOURCE / "targets", SOURCE / "forms", SOURCE / "sources", ROOT]
    missing = {name for name in named if not any((place / name).exists() for place in inside)}
    assert missing == {"console/"}, "only the console's room is still to be built"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in _anchors(file.read_text(encoding="utf-8")), f"{target} names no heading"


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _readme_commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line for line in lines if line.startswith("import-worker ")]


@pytest.mark.parametrize("line", _readme_commands())
def test_commands_of_the_readme_exist(line: str) -> None:
    _, *words = shlex.split(line)
    name, *arguments = words
    assert name in PROGRAM.commands
    if name == "psql":  # hands everything on
        return
    used = {word.partition("=")[0] for word in arguments if word.startswith("-")}
    assert used <= _options(PROGRAM.commands[name])


def test_the_readme_shows_the_main_commands() -> None:
    shown = {shlex.split(line)[1] for line in _readme_commands()}
    assert {"demo", "status", "errors", "psql", "submit", "run", "init"} <= shown


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(?:tmp|work|home/\w|Users/\w)", text), page
