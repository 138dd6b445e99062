"""Form fields: types, options, rules, conditions."""

# ruff: noqa: RUF001 (characters that look like others are the point)

from typing import Any

from hypothesis import strategies as st

from .case import Focus
from .characters import odd_text
from .files import configs

TYPES = (
    "text", "textarea", "rich_text", "number", "email", "phone", "date", "select", "multiselect", "checkbox",
    "file",
)  # fmt: skip
RULES = ("min_length", "max_length", "pattern", "min", "max", "custom", "unheard_of")
OPERATORS = ("equals", "not_equals", "contains", "greater_than")

KEYS = (
    "name", "email", "row", "payload", "c0", "c1", "field_key", "error_type", "literal", "", "a.b",
    "naïve key", 'quote"d', "back\\slash", "$ref", "*", "^.*$", "{x}", "ключ", "line\nbreak", "\u2028", "%s",
    "👍", "Name", "null", "0", " padded ",
)  # fmt: skip

OPTIONS = (
    ("m", "Male"), ("f", "Female"), ("x", "M"), ("M", "Mister"), ("a,b", "A; b"), ("a", "F"), ("b", "a"),
    ("straße", "Strasse"), ("STRASSE", None), ("ΟΔΟΣ", "Street"), ("οδοσ", "street"), ("İ", "i"), ("i", "I"),
    ("é", "e\u0301"), ('q"t', "b\\s"), ("two words", "Two  words"), (1, "One"), (2, None), (2.5, "1"),
    ("3", "two"), (-1, "minus"), (10, "1e1"), ("true", "Yes"), ("ſ", "s"), ("\u212a", "k"),
    ("\u2028", "line"), ("1;2", "x;y"), ("👍", "thumb"), ("007", "7"), (" sp ", " Outer "), ("0", "no"),
)  # fmt: skip

PATTERNS = (
    "^[A-Z]", "[0-9]", r"\d", r"^\d+$", r"\D", r"^\w+$", r"\W", r"\s", r"^\S+$", r"\bfoo\b", r"\B", ".",
    "^.$", "^.{2,5}$", "^$", "$", "^[^@]+$", "a|b", "(?:)", r"[\s\S]{3}", r"^[\w.-]+$", r"\u00e9",
    r"\u{1F44D}", r"\x41", r"\cJ", r"[\b]", r"\0", r"\/", r"\p{L}", r"^\p{Lu}", r"\P{L}",
    r"\p{Script=Greek}", r"\p{L}\p{M}", r"[^\d]", r"[^\s]$", "(?=.*[a-z])(?=.*[A-Z])", r"(.)\1", r"(?<!a)b",
    "(?<=o)b", "(?!x)^", r"(?<first>.)\k<first>", r"\-", r"^[\w-.]+$", "a{", r"\_", "]", "}", "^[a-z]+$",
    "^[A-Za-zÀ-ÿ' -]+$", r"^-?\d+(\.\d+)?$", r"^\d{4}-\d{2}-\d{2}$", r"^[^\n]*$", r"\n$", r"e\d", r"[^]",
    "[]", r"[\]]", r"[&&]", "[a-z&&[x]]", "[[a]", r"[~~]", "(?<n>a)|b", r"\t", r"[\d-x]", "x*?",
    "^(?:a|b)+$", "#", " ", r"\$", r"\.", "ß", "ſ|\u212a", r"[^\W\d]", "\U0001f44d",
)  # fmt: skip

VOID = ("", None, ...)
"""Values of rules that are none; ``...`` is no value at all."""

NONSENSE = ("(", "soon", -1, 2.5, [1], "x" * 6_000, True)
"""Values of rules that do not concern a type, where they cost nothing."""

BROKEN = "Broken"
"""The label of fields that could not be imported into, which no header of the mapping names."""

DEFECTS: tuple[dict[str, Any], ...] = (
    {"type": "signature"}, {}, {"type": ["text"]}, {"type": "select"}, {"type": "multiselect", "options": []},
    {"type": "select", "options": [{"label": "x"}]}, {"type": "text", "validation": [{"value": 1}]},
    {"type": "text", "validation": [{"type": "pattern", "value": "("}]}, {"type": "number", "validation": "none"},
    {"type": "text", "dataClassification": "secret"},
)  # fmt: skip

GONE = {"field": "no such field", "operator": "not_equals", "value": "x"}

MESSAGES = ("Too bad", "", 'He said "no"', "é\n👍", "{0} %s $1 \\", None)
ISO_DAYS = ("2024-01-01", "1999-12-31", "2024-02-29", "2030-06-15", "0001-01-01", "9999-12-31")
LIMITS = (
    0,
    5,
    -3,
    100,
    2.5,
    "10",
    "0.30",
    1_000_000,
    "1e2",
    "-0",
    "9007199254740993",
    0.1,
    "1e131071",
    "-1e400",
    "1e-16383",
)
LENGTHS = (0, 1, 2, 3, 5, 10, "4", 1000)

keys = st.lists(
    st.one_of(st.sampled_from([key for key in KEYS if key]), odd_text.filter(bool)),
    min_size=1,
    max_size=5,
    unique=True,
)


@st.composite
def options(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=6, unique_by=lambda option: str(option[0])))
    if draw(st.integers(0, 3)) == 0:
        value, _ = draw(st.sampled_from(chosen))
        again = draw(st.sampled_from((value, str(value))))
        chosen.append((again, draw(st.sampled_from(("Again", "m", None)))))
    return [{"value": value} if label is None else {"value": value, "label": label} for value, label in chosen]


def rules(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A rule; mostly one that makes sense for the type."""
    sensible = {
        "number": ("min", "max", "min", "max", "min_length", "pattern"),
        "date": ("min", "max", "min", "max"),
    }
    names = st.sampled_from((*sensible.get(kind, ("min_length", "max_length", "pattern", "pattern")), *RULES))
    return names.flatmap(lambda name: rule(kind, name))


def rule(kind: str, name: str) -> st.SearchStrategy[dict[str, Any]]:
    limits: tuple[Any, ...] = ISO_DAYS if kind == "date" else LIMITS
    values: dict[str, tuple[Any, ...]] = {
        "min_length": LENGTHS, "max_length": LENGTHS, "pattern": PATTERNS, "min": limits, "max": limits,
    }  # fmt: skip
    if concerns(name, kind):
        drawn = st.integers(0, 7).flatmap(lambda n: st.sampled_from(VOID if n == 0 else values[name]))
    else:
        drawn = st.sampled_from((*values.get(name, ("x", 3)), *NONSENSE, *VOID))
    plain = st.builds(_rule, st.just(name), drawn)
    return st.builds(_with_message, plain, st.sampled_from((*MESSAGES, None, None)))


def concerns(rule: str, kind: str) -> bool:
    """Whether a rule says something about fields of a type."""
    if rule in {"min", "max"}:
        return kind == "number"
    return rule in {"min_length", "max_length", "pattern"} and kind not in {"number", "multiselect", "checkbox", "file"}


def _rule(name: str, value: Any) -> dict[str, Any]:
    return {"type": name} if value is ... else {"type": name, "value": value}


def _with_message(rule: dict[str, Any], message: str | None) -> dict[str, Any]:
    return rule if message is None else rule | {"message": message}


def conditional(other: dict[str, Any], operators: tuple[str, ...] = OPERATORS) -> st.SearchStrategy[dict[str, Any]]:
    """A condition on the other field; mostly one that can hold."""
    values = st.one_of(_values_of(other), _values_of(other), st.sampled_from(STRANGE_VALUES))
    return st.fixed_dictionaries(
        {"field": st.just(other["key"]), "operator": st.sampled_from(operators), "value": values}
    )


STRANGE_VALUES: tuple[Any, ...] = (
    "", "x", 5, "5", True, "true", "false", "2024-06-01", "2024-W01-1", -1, "-1", 1, "1.0", "2.50", 2.5, "1e1", [],
    ["a"], [1, 2], "é", False, None, "1e131071", "-1e400",
)  # fmt: skip


def _values_of(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = field.get("type")
    if field["label"] == BROKEN:
        return st.sampled_from(STRANGE_VALUES)
    if kind == "number":
        return st.sampled_from((0, 5, 100, "5.0", 2.5, "1e2", -3, "x"))
    if kind == "date":
        return st.sampled_from((*ISO_DAYS, "2024", "-0", "2024-1-1"))
    if kind == "checkbox":
        return st.sampled_from((True, False, "true", "false", "yes", 1))
    if kind in {"select", "multiselect"}:
        values = [option["value"] for option in field["options"]]
        texts = [str(value) for value in values]
        return st.one_of(st.sampled_from(values), st.sampled_from(texts), st.lists(st.sampled_from(values), max_size=2))
    return st.sampled_from(("Hello", "a", "é", "foo", ".", "@", "604", "<p>", "007", 5, "0.5", 1e3))


@st.composite
def forms(draw: st.DrawFn, focus: Focus) -> tuple[dict[str, Any], str]:
    """A form, and the key of the field in focus."""
    strict = draw(st.booleans())
    names = draw(keys)
    center = draw(st.sampled_from(names))
    fields = [
        draw(_field(name, focus.kind, strict=strict) if name == center else _fields(name, strict=strict))
        for name in names
    ]
    field = fields[names.index(center)]
    field["validation"] = draw(st.permutations([draw(rule(focus.kind, focus.rule)), *field.get("validation", [])]))
    holder = draw(st.sampled_from(fields))
    holder["conditional"] = draw(conditional(field, (focus.operator,)))
    holder["required"] = draw(st.integers(0, 3)) > 0  # or nothing depends on the condition
    for other in fields:
        # A condition is what lets a broken field be required.
        if "conditional" not in other and draw(st.integers(0, 9)) < (6 if other["label"] == BROKEN else 2):
            other["conditional"] = draw(st.one_of(st.sampled_from(fields).flatmap(conditional), st.just(GONE)))
        if "conditional" not in other and other["label"] == BROKEN:
            other.pop("required", None)
    return {"fields": fields, "title": "ignored"}, center


def _fields(key: str, *, strict: bool) -> st.SearchStrategy[dict[str, Any]]:
    whole = _whole_fields(key, strict=strict)
    broken = st.builds(
        lambda defect: {"key": key, "label": BROKEN, "required": True, **defect}, st.sampled_from(DEFECTS)
    )
    return st.integers(0, 5).flatmap(lambda number: broken if number == 0 else whole)


def _whole_fields(key: str, *, strict: bool) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(TYPES).flatmap(lambda kind: _field(key, kind, strict=strict))


@st.composite
def _field(draw: st.DrawFn, key: str, kind: str, *, strict: bool) -> dict[str, Any]:
    field: dict[str, Any] = {"key": key, "type": kind, "label": draw(st.sampled_from(("Label", key)))}
    if kind in {"select", "multiselect"}:
        field["options"] = draw(options())
    if kind == "file":
        field["fileConfig"] = draw(configs)
    if draw(st.integers(0, 9)) < 3:
        field["required"] = draw(st.booleans())
    if draw(st.integers(0, 9)) < 3:
        field["dataClassification"] = draw(st.sampled_from(("none", "personal", "sensitive", "sensitive")))
    if strict or draw(st.integers(0, 4)) == 0:
        field["validation"] = draw(st.lists(rules(kind), max_size=2))
    if draw(st.booleans()):
        field["placeholder"] = {"ignored": [1]}
    return field
