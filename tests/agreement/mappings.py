"""Mappings: headers to fields, with their options."""

from typing import Any

from hypothesis import strategies as st

from .days import date_formats
from .fields import BROKEN

CASES = ("upper", "lower", "title")
NORMALIZATIONS = ("phone", "postal_code", "email")
SEPARATORS = (";", "|", ",", "; ", " ", "and", "\n", "é", ".", "\\", "||", "$", "^", "A")

REPLACED = (
    "m",
    "M",
    " f ",
    "",
    "é",
    "É",
    "n/a",
    "ß",
    "SS",
    "1",
    "0",
    "Hello",
    "hello",
    "İ",
    "ΟΔΟΣ",
    "5",
    "null",
    "\\",
)
REPLACEMENTS = (
    "male",
    "",
    "  ",
    None,
    True,
    False,
    23,
    2.5,
    -1,
    "2024-02-29",
    "a,b",
    " Yes ",
    "6045550123",
    "a@b.cd",
    '"',
    "<p>x</p>",
    "bad",
)
DEFAULTS = (
    "n/a",
    "",
    " ",
    None,
    True,
    False,
    7,
    0.5,
    "2024-01-01",
    "x@y.zz",
    "604 555 0199",
    "m",
    "a,b",
    "😀",
)


OPTIONS = ("date_formats", "values", "default", "case", "normalize", "separator")
AT_HOME = {"date_formats": "date", "separator": "multiselect"}
"""Where an option that acts on one type only is drawn more often than elsewhere."""


@st.composite
def column_options(draw: st.DrawFn, field: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    """The options of one header, without its field: the wanted one and others, some to no effect."""
    kind = field["type"]
    chosen: dict[str, Any] = {}
    for name in OPTIONS:
        home = AT_HOME.get(name, kind)
        chance = 2 if name not in AT_HOME else 6 if home == kind else 1
        if name == wanted or draw(st.integers(0, 9)) < chance:
            chosen[name] = draw(_option(name, field))
    return chosen


def _option(name: str, field: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = field["type"]
    replacements = st.one_of(st.sampled_from(REPLACEMENTS), _fitting(field))
    own = kind if kind in {"phone", "email"} else "phone"
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "date_formats": date_formats,
        "values": st.dictionaries(st.sampled_from(REPLACED), replacements, max_size=4),
        "default": st.one_of(st.sampled_from(DEFAULTS), _fitting(field)),
        "case": st.sampled_from(CASES),
        "normalize": st.sampled_from((*NORMALIZATIONS, own)),
        "separator": st.sampled_from(SEPARATORS),
    }
    return strategies[name]


def _fitting(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "options" in field:
        return st.sampled_from([option["value"] for option in field["options"]])
    fitting: dict[str, tuple[Any, ...]] = {
        "number": (12, "1,000", 0.25), "date": ("2024-02-29", "45000"), "checkbox": (True, "no"),
        "phone": ("+1 604 555 0123", ), "email": ("ada@example.org", ), "rich_text": ("<b>x</b>", ),
    }  # fmt: skip
    return st.sampled_from(fitting.get(field["type"], ("fallback", "ǆ words")))


@st.composite
def mappings(draw: st.DrawFn, form: dict[str, Any], center: str, option: str) -> tuple[dict[str, Any], list[str]]:
    """A mapping and the headers of a file that it fits; the field in focus is mapped with the option.

    Some fields have several columns, some of them columns that the file lacks.
    """
    mapping: dict[str, Any] = {}
    lacking: dict[str, Any] = {}
    headers: list[str] = []
    decorations = ("", " é", ' "q"', "\n2", " \u2028x", " ΟΔΟΣ")
    for number, field in enumerate(form["fields"]):
        in_focus = field["key"] == center
        must = in_focus or (bool(field.get("required")) and "conditional" not in field)
        # Where nothing is mapped, whether a condition holds decides alone.
        chance = 4 if "conditional" in field else 9
        if field["label"] == BROKEN:
            continue
        if draw(st.integers(0, 7)) == 0:
            lacking[f"{draw(st.sampled_from('aZ'))} {number} of last month"] = {
                "field": field["key"], **draw(column_options(field, None))
            }  # fmt: skip
        if not (must or draw(st.integers(0, 9)) < chance):
            continue
        header = f"Column {number}{draw(st.sampled_from(decorations))}"
        wanted = draw(st.sampled_from((header, header, header, f" {header.lower()}\t", header.upper())))
        options = draw(column_options(field, option if in_focus else None))
        plain = not options and draw(st.booleans())
        mapping[wanted] = field["key"] if plain else {"field": field["key"], **options}
        headers.append(header)
        if wanted == header and draw(st.integers(0, 7)) == 0:
            mapping[header.swapcase()] = {"field": field["key"], **draw(column_options(field, None))}
        if draw(st.integers(0, 3)) == 0:
            headers.append(f"{number} again")
            mapping[headers[-1]] = {"field": field["key"], **draw(column_options(field, None))}
    if mapping:
        mapping |= lacking
    for extra in draw(st.lists(st.sampled_from(("Extra", "Other", "", "Extra")), max_size=2)):
        headers.append(extra)
        if draw(st.booleans()) and headers.count(extra) == 1:
            mapping[extra] = draw(st.sampled_from(("", None, {"field": ""}, {"field": None})))
    return mapping, draw(st.permutations(headers))
