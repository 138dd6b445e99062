"""File fields: a cell is one JSON object that describes a file which is already in the artifacts bucket."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any, NamedTuple

import polars as pl
from pydantic_core import from_json

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry, MappingOption
from import_worker.forms.rules.rules import RuleCompiler
from import_worker.forms.series import replace_at, trim
from import_worker.forms.suggestions.suggestion import Cure
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file_layout import read_alike
from import_worker.forms.types.file_limits import FileLimits
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.identity import Identity
from import_worker.forms.types.likeness import Likeness
from import_worker.forms.types.reading import JsonForm, Reader, Reading
from import_worker.forms.types.secret import Secret
from import_worker.forms.types.value_tests import ValueTest, never
from import_worker.row_errors.sentence import Problem, Sentence

FILE_SCHEMA = {
    "file_name": pl.String,
    "mime_type": pl.String,
    "size_bytes": pl.Int64,
    "checksum": pl.String,
    "storage_key": pl.String,
}
"""The columns of ``submission_files`` that describe a file. ``checksum`` is empty if there is none."""

_PAYLOAD, _SEVERAL, _NO_REFERENCE, _BAD_REFERENCE, _SIZE, _TYPE, _TOO_LARGE, _KEY, _ABSENT = range(9)

_MAX_WHOLE = 2**53
"""A larger size is too large in any case, and may not fit an Int64."""

# A path segment that a key must not have: empty, one dot, or two dots.
_BAD_SEGMENT = r"(?:^|/)\.{0,2}(?:/|$)"

_MEMBERS = {
    "checksum": "checksum",
    "fileName": "file_name",
    "mimeType": "mime_type",
    "sizeBytes": "size_bytes",
    "storageKey": "storage_key",
}


_URL_QUERY = r"(?:\?|\\u003[fF])[^\"\s]*"
"""Matches a URL's query in a cell, also if JSON writes its question mark as an escape. The query of a signed URL grants
access to the object, and more people read errors than may have that access."""


class _Described(NamedTuple):
    """The description of a file in one cell, or the number of the cell's problem."""

    problem: int | None
    file_name: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None
    checksum: str | None = None
    storage_key: str | None = None


@dataclass(frozen=True)
class FileReader:
    """``place`` is None if a form is only compiled; such a reader must not read cells."""

    limits: FileLimits
    place: FilePlace | None
    trims: bool = True
    json_form: JsonForm = JsonForm.AS_IS

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems in the order of their numbers, which is the order in which they are looked for."""
        prefix = self.place.prefix if self.place else "forms/"
        return (
            Sentence.NO_FILE_DESCRIPTION.problem(),
            Sentence.SEVERAL_FILES.problem(),
            Sentence.NO_FILE_REFERENCE.problem(),
            Sentence.BAD_FILE_REFERENCE.problem(),
            Sentence.FILE_SIZE_NOT_WHOLE.problem(),
            Sentence.FILE_TYPE_NOT_ALLOWED.problem(types=self.limits.types_text),
            Sentence.FILE_TOO_LARGE.problem(max_bytes=self.limits.max_bytes),
            Sentence.FILE_OUTSIDE_PREFIX.problem(prefix=prefix),
            Sentence.NO_SUCH_FILE.problem(),
        )

    def quick(self, cells: pl.Expr) -> pl.Expr:
        return pl.lit(None, pl.String)  # no cell of JSON is plain enough to be read quickly

    def careful(self, cells: pl.Series) -> Reading:
        assert self.place is not None  # see the class
        place = self.place
        # From here on whole columns are processed, in few steps: each step costs as much as some hundred rows.
        files = _read(cells, place)
        judged = files.select(self._problem(place), _document(files["checksum"]), *FILE_SCHEMA)
        problem, stored = judged["problem"], judged["stored"]
        sound = problem.is_null()
        if sound.any():  # otherwise the files need not be listed
            names = judged["storage_key"].filter(sound).str.slice(len(place.prefix))
            absent = sound.arg_true().filter(~place.present(names))
            problem = problem.scatter(absent, _ABSENT)
            sound = problem.is_null()
        if not sound.all():
            stored = pl.select(pl.when(sound).then(stored)).to_series()
        return Reading(stored.alias(cells.name), problem, details=judged.select(*FILE_SCHEMA))

    def _problem(self, place: FilePlace) -> pl.Expr:
        """The problem found when the cell was read, else the first thing that is wrong with the file."""
        key, size = pl.col("storage_key"), pl.col("size_bytes")
        inside = key.str.starts_with(place.prefix) & ~key.str.slice(len(place.prefix)).str.contains(_BAD_SEGMENT)
        return (
            pl.when(pl.col("problem").is_not_null())
            .then("problem")
            .when(~self.limits.allow(pl.col("mime_type")))
            .then(pl.lit(_TYPE, pl.UInt8))
            .when(size > self.limits.max_bytes)
            .then(pl.lit(_TOO_LARGE, pl.UInt8))
            .when(~inside)
            .then(pl.lit(_KEY, pl.UInt8))
            .alias("problem")
        )


def files_of(stored: pl.Series) -> pl.DataFrame:
    """The files (``FILE_SCHEMA``) that stored values (String, no nulls) describe, in the same order. Slow, because it
    parses value by value; to be used only if a reading has no details."""
    documents = [from_json(text) for text in stored]
    columns = {column: [d.get(member, "") for d in documents] for member, column in _MEMBERS.items()}
    return pl.DataFrame(columns, schema_overrides=FILE_SCHEMA).select(*FILE_SCHEMA)


def _document(checksums: pl.Series) -> pl.Expr:
    """The stored value: only the members of ``_MEMBERS``, so that no URL is stored under any name; in jsonb's order."""
    members = [pl.col(column).alias(member) for member, column in _MEMBERS.items()]
    bare, whole = (pl.struct(chosen).struct.json_encode() for chosen in (members[1:], members))
    some = (checksums != "").any()
    return (pl.when(pl.col("checksum") == "").then(bare).otherwise(whole) if some else bare).alias("stored")


def _read(cells: pl.Series, place: FilePlace) -> pl.DataFrame:
    """Reads each cell: ``problem`` (UInt8), and ``FILE_SCHEMA`` where there is no problem; as long as ``cells``."""
    alike = _read_alike(cells)
    if alike is None:
        return _frame(_described(cell, place) for cell in cells)
    unread = alike["storage_key"].is_null()
    if not unread.any():
        return alike
    few = _frame(_described(cell, place) for cell in cells.filter(unread))
    return pl.DataFrame([replace_at(few[column.name], unread, column) for column in alike])


def _read_alike(cells: pl.Series) -> pl.DataFrame | None:
    try:
        example = from_json(cells[0], allow_inf_nan=False)
    except ValueError:
        return None
    read = read_alike(cells, example) if isinstance(example, dict) else None
    return None if read is None else read.select(pl.lit(None, pl.UInt8).alias("problem"), *FILE_SCHEMA)


def _frame(described: Iterable[_Described]) -> pl.DataFrame:
    columns = zip(*described, strict=True)
    kinds = (pl.UInt8, *FILE_SCHEMA.values())
    return pl.DataFrame(list(starmap(pl.Series, zip(_Described._fields, columns, kinds, strict=True))))


def _described(cell: str, place: FilePlace) -> _Described:
    try:
        document = from_json(cell, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return _Described(_SEVERAL if _several_objects(cell) else _PAYLOAD)
    if not isinstance(document, dict):
        return _Described(_SEVERAL if isinstance(document, list) else _PAYLOAD)
    name, kind, checksum = document.get("fileName"), document.get("mimeType"), document.get("checksum")
    size = document.get("sizeBytes")
    if size is None:
        size = document.get("size")
    if not (_filled(name) and _filled(kind)) or size is None or not (checksum is None or _storable(checksum)):
        return _Described(_PAYLOAD)
    problem, key = _key(document, place)
    if problem is None and not _whole(size):
        problem = _SIZE
    if problem is not None:
        return _Described(problem)
    return _Described(None, name, kind, min(int(size), _MAX_WHOLE), checksum or "", key)


def _several_objects(cell: str) -> bool:
    try:
        documents = from_json(f"[{cell}]", allow_inf_nan=False)
    except ValueError:
        return False
    return len(documents) > 1 and all(isinstance(document, dict) for document in documents)


def _key(document: dict[str, Any], place: FilePlace) -> tuple[int | None, str | None]:
    """The object's key, from the first member that names it, or the number of that member's problem."""
    for member in ("storageKey", "artifactKey", "signedUrl", "url"):
        value = document.get(member)
        if value is None or value == "":
            continue
        if not _storable(value):
            return _BAD_REFERENCE, None
        if not trim(value):
            continue
        key = value if member.endswith("Key") else place.address.key_of(value)
        return (_BAD_REFERENCE, None) if key is None or "\0" in key else (None, key)
    return _NO_REFERENCE, None


def _filled(value: object) -> bool:
    return _storable(value) and bool(trim(str(value)))


def _storable(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value  # which jsonb cannot hold


def _whole(size: object) -> bool:
    match size:
        case bool():
            return False
        case int():
            return size >= 0
        case float():
            return size >= 0 and size.is_integer()
        case _:
            return False


class FileType(FieldType):
    takes_options = False
    mapping_options: Collection[MappingOption] = ()
    rules: Mapping[str, RuleCompiler] = {}
    identity: Identity | None = None
    can_be_looked_up = False
    describes_file = True
    secret = Secret(_URL_QUERY, shown="?…")
    likeness: Likeness | None = None
    cures: Mapping[str, Sequence[Cure]] = {}

    def reader(self, field: Field, entry: MappingEntry, place: FilePlace | None) -> Reader:
        return FileReader(FileLimits.of(field), place)

    def is_missing(self, stored: pl.Series) -> pl.Series:
        return stored.is_null()

    def equals(self, value: object, field: Field) -> ValueTest:
        return never

    def contains(self, value: object, field: Field) -> ValueTest:
        return never

    def greater_than(self, value: object, field: Field) -> ValueTest:
        return never
