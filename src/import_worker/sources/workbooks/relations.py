"""How the parts of an Office Open XML package refer to each other (ECMA-376 part 2)."""

import posixpath
from dataclasses import dataclass

from import_worker.sources.workbooks.markup import local, parse
from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.refusals import damaged


@dataclass(frozen=True)
class Relation:
    """``kind`` is the last word of its type: ``worksheet``, ``styles``. ``target`` is the name of a part."""

    kind: str
    target: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """Of a part (``""``: the package) by their ids. Empty if it has none. Raises ``JobFailed``."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", folder, attributes.get("Target", "").replace("\\", "/"))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = Relation(kind, posixpath.normpath(target).lstrip("/"))

    if file in package:
        parse(package.stream(file), start)
    return found


def sheet_relations(package: Package, part: str) -> dict[str, Relation]:
    """Of a workbook, which cannot do without them. Raises ``JobFailed``."""
    found = relations(package, part)
    if not found:
        raise damaged("it does not say where its sheets are")
    return found


def target_of(found: dict[str, Relation], kind: str) -> str | None:
    """The part of the first relation of this kind."""
    return next((relation.target for relation in found.values() if relation.kind == kind), None)
