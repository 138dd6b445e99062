"""Fields that store one of a few values: select, multiselect, checkbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from import_worker.forms.definition import Option, json_text
from import_worker.forms.series import trim
from import_worker.forms.types.reading import JsonForm, Problem, Reading, judged, refused

NOT_AN_OPTION = Problem("invalid_option", "Not one of the options")
NOT_YES_OR_NO = Problem("invalid_boolean", "Not yes or no")

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), "true"),
    **dict.fromkeys(("false", "no", "n", "0", "off"), "false"),
}


@dataclass(frozen=True)
class Options:
    """Finds options by what a cell says, and answers with each option's result.

    ``exact``: an option's value, or its label as it is written, to its result. ``loose``: a value or label in lower
    case to the first such one's.
    """

    exact: Mapping[str, str]
    loose: Mapping[str, str]

    @classmethod
    def of(cls, options: Sequence[Option], result: Callable[[Option], str]) -> "Options":
        names = [(option.text, option) for option in options] + [(option.label, option) for option in options]
        # Lower-cased by Polars, like the cells: Python's Unicode tables are of another version.
        lowered = pl.Series([trim(name) for name, _ in names], dtype=pl.String).str.to_lowercase()
        loose: dict[str, str] = {}
        for name, (_, option) in zip(lowered, names, strict=True):
            loose.setdefault(name, result(option))
        exact = {trim(name): loose[lower] for lower, (name, _) in zip(lowered, names, strict=True)}
        return cls(exact | {trim(option.text): result(option) for option in reversed(options)}, loose)

    def exactly(self, cells: pl.Expr) -> pl.Expr:
        return cells.replace_strict(self.exact, default=None, return_dtype=pl.String)

    def loosely(self, cells: pl.Expr) -> pl.Expr:
        lowered = cells.str.to_lowercase().replace_strict(self.loose, default=None, return_dtype=pl.String)
        return pl.coalesce(self.exactly(cells), lowered)


@dataclass(frozen=True)
class Select:
    options: Sequence[Option]
    problems: Sequence[Problem] = (NOT_AN_OPTION,)
    trims: bool = True
    _found: Options = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", Options.of(self.options, lambda option: option.text))

    @property
    def json_form(self) -> JsonForm | Callable[[pl.Expr], pl.Expr]:
        texts = {option.text: json_text(option.value) for option in self.options}
        if all(json == f'"{text}"' for text, json in texts.items()):
            return JsonForm.PLAIN_STRING
        return lambda stored: stored.replace_strict(texts, default=None, return_dtype=pl.String)

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return self._found.exactly(cells)

    def careful(self, cells: pl.Series) -> Reading:
        return judged(pl.select(self._found.loosely(pl.lit(cells))).to_series())


@dataclass(frozen=True)
class MultiSelect:
    options: Sequence[Option]
    separator: str
    problems: Sequence[Problem] = (NOT_AN_OPTION,)
    trims: bool = False
    json_form: JsonForm = JsonForm.AS_IS
    _found: Options = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", Options.of(self.options, lambda option: json_text(option.value)))

    def quick(self, cells: pl.Expr) -> pl.Expr:  # noqa: ARG002
        # Taking lists apart is dear, and the same few combinations come again and again.
        return pl.lit(None, pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        distinct = pl.DataFrame({"cell": cells.unique()})
        read = distinct.select(
            "cell",
            self._array(pl.col("cell"), self._found.loosely).alias("stored"),
            blank=self._pieces(pl.col("cell")).list.len() == 0,
        ).with_columns(problem=pl.when(pl.col("stored").is_null() & ~pl.col("blank")).then(pl.lit(0, pl.UInt8)))
        spread = pl.DataFrame({"cell": cells}).join(read, on="cell", how="left", maintain_order="left")
        return Reading(spread["stored"], spread["problem"])

    def _pieces(self, cells: pl.Expr) -> pl.Expr:
        trimmed = pl.element().str.strip_chars()
        return cells.str.split(self.separator).list.eval(trimmed.filter(trimmed != ""))

    def _array(self, cells: pl.Expr, find: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
        # A piece that is no option is null, and makes the whole null.
        found = self._pieces(cells).list.eval(find(pl.element()))
        joined = found.list.join(",", ignore_nulls=False)
        return pl.when(found.list.len() > 0).then("[" + joined + "]")


@dataclass(frozen=True)
class Checkbox:
    problems: Sequence[Problem] = (NOT_YES_OR_NO,)
    trims: bool = True
    json_form: JsonForm = JsonForm.AS_IS

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return cells.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.String)

    def careful(self, cells: pl.Series) -> Reading:
        return refused(cells)
