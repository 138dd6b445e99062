"""The statements: all in their files, each described, none dead, none anywhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from import_worker.database import queries

SOURCE = Path(queries.__file__).parents[2]
FILES = sorted(Path(queries.__file__).parent.glob("*.sql"))
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 300

HEAD = re.compile(r"^-- (name|fragment): (\w+)$")
PLACE = re.compile(r"\{(\w+)\}")
# Keywords as this tree writes them, in places where prose does not have them.
KEYWORDS = re.compile(
    r"\bSELECT\s+(?!,)|\bINSERT\s+INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b|\bCOPY\s+[\w(\"{]|\bLOCK\s+TABLE\b"
    r"|\b(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|SCHEMA|INDEX|ROLE|TYPE|TRIGGER|FUNCTION)\b|\bGRANT\s+\S+.*\sON\b"
    r"|\bSET\s+(LOCAL|SESSION|CONSTRAINTS)\b|\bDO\s+\$|\b(FROM|JOIN|WHERE|RETURNING|BETWEEN|HAVING)\s+[\w\"{%]"
    r"|\bORDER\s+BY\b|\bGROUP\s+BY\b|\bEXISTS\s*\(|=\s*ANY\s*\(|\bON\s+CONFLICT\b|\bFOR\s+(UPDATE|SHARE|KEY\s+SHARE)\b"
    r"|\bSAVEPOINT\b|\bTRUNCATE\b|\bVACUUM\b|\bpg_\w+\("
)
SHOWN = {
    # A sentence for a person; "the role" is no name that anybody could run.
    (
        "targets/submissions/removing.py",
        (
            "The database role may not look after {}, whose rows hang on submissions; grant it:"
            " GRANT {} ON {} TO the role."
        ),
    ),
}


def texts() -> dict[tuple[str, str], tuple[Path, str, str]]:
    """File, description and text by kind and name, read as plainly as can be."""
    found: dict[tuple[str, str], tuple[Path, str, str]] = {}
    for path in FILES:
        blocks = re.split(r"\n\n(?=-- (?:name|fragment): )", path.read_text())
        for block in blocks[1:]:
            first, *lines = block.strip().split("\n")
            head = HEAD.match(first)
            assert head is not None, first
            described = 0
            while described < len(lines) and lines[described].startswith("--"):
                described += 1
            assert head.groups() not in found, f"{head[2]} is there twice"
            text = " ".join(line.removeprefix("--").strip() for line in lines[:described])
            found[head[1], head[2]] = (path, text, "\n".join(lines[described:]))
    return found


TEXTS = texts()
FRAGMENTS = {name for kind, name in TEXTS if kind == "fragment"}


def constants(module: Path) -> Iterator[str]:
    """The module's strings and bytes, but for docstrings; of an f-string, ``{}`` where a value stands."""
    tree = ast.parse(module.read_text())
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))  # a docstring, or a string behind an attribute
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            left_out.update(map(id, node.values))
            yield "".join(map(str, parts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in left_out and isinstance(node.value, str | bytes):
            yield node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value


def test_every_statement_and_fragment_is_described_in_sentences() -> None:
    for (_, name), (path, description, text) in TEXTS.items():
        assert description.endswith("."), f"{path.name}: {name} is not described"
        assert text.strip(), f"{path.name}: {name} is empty"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_what_it_is_about_and_is_short(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith("-- "), "the file has no head"
    assert HEAD.match(lines[0]) is None, "the file has no head"
    assert len(lines) <= MOST_LINES


def test_the_loader_finds_what_the_files_have() -> None:
    words = PLACE.findall("".join(text for *_, text in TEXTS.values()))
    for (kind, name), (_, _, text) in TEXTS.items():
        if kind == "name":
            loaded = queries.query(name).decode()
        else:
            places = {word: sql.SQL(f"<{word}>") for word in words}
            loaded = queries.fragment(name, **places).as_string()
        for piece in PLACE.split(text)[::2]:  # the text between places
            assert piece.strip() in loaded
        assert not re.match(r"\s*--", loaded)
    with pytest.raises(KeyError):
        queries.query("no_such_statement")


def test_a_statement_has_no_place_that_nobody_fills() -> None:
    for (kind, name), (_, _, text) in TEXTS.items():
        if kind == "name":
            assert set(PLACE.findall(text)) <= FRAGMENTS, name
    with pytest.raises(KeyError):
        queries.fragment("in_list", ids=sql.Literal([]))


def test_no_statement_is_dead_and_none_is_missing() -> None:
    named: set[str] = set()
    called: set[tuple[str, str]] = set()
    for module in MODULES:
        if "database.queries import" in module.read_text():
            named.update(constants(module))
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"query", "fragment"}:
                kind = "name" if node.func.id == "query" else "fragment"
                name = node.args[0]
                chosen = [name.body, name.orelse] if isinstance(name, ast.IfExp) else [name]
                called |= {(kind, str(each.value)) for each in chosen if isinstance(each, ast.Constant)}
    assert called
    assert not called - TEXTS.keys(), "names that no file has"
    included = {word for *_, text in TEXTS.values() for word in PLACE.findall(text)}
    dead = {name for kind, name in TEXTS if name not in named and not (kind == "fragment" and name in included)}
    assert not dead


def test_no_sql_stands_outside_the_files() -> None:
    found = {
        (str(module.relative_to(SOURCE)), text)
        for module in MODULES
        for text in constants(module)
        if KEYWORDS.search(text)
    }
    assert found == SHOWN


@pytest.mark.parametrize(
    "line",
    [
        'connection.execute("SELECT 1")',
        'connection.execute(f"DELETE FROM {table}")',
        'copy = b"COPY a (b) FROM STDIN"',
        'sql.SQL("{} BETWEEN {} AND {}")',
        'sql.SQL("{} = ANY({})")',
        'f"GRANT {privilege} ON {table} TO somebody"',
        'connection.execute("SET LOCAL enable_seqscan = off")',
        '"CREATE INDEX CONCURRENTLY ON a (b)"',
        '"INSERT INTO a"\n" VALUES (1)"',
        'connection.execute("UPDATE a SET b = 1")',
        '"WITH gone AS (DELETE FROM a) SELECT 1"',
    ],
)
def test_sql_is_recognised(line: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"found = {line}\n")
    assert any(KEYWORDS.search(text) for text in constants(module))
