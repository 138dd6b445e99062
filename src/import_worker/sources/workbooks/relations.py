"""How the parts of an Office Open XML package refer to each other (ECMA-376 part 2)."""

import posixpath
from dataclasses import dataclass

from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.refusals import damaged
from import_worker.sources.workbooks.xml_events import local_name, parse


@dataclass(frozen=True)
class Relation:
    """``kind`` is the last segment of the relation's type: ``worksheet``, ``styles``. ``target`` is a part's name."""

    kind: str
    target: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """The relations of a part (``""``: the package) by their ids. Empty if it has none. Raises ``JobFailed``."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", folder, attributes.get("Target", "").replace("\\", "/"))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = Relation(kind, posixpath.normpath(target).lstrip("/"))

    if file in package:
        parse(package.stream(file), start)
    return found


def sheet_relations(package: Package, part: str) -> dict[str, Relation]:
    """The relations of a workbook's main part by their ids. Raises ``JobFailed``, also if it has none."""
    found = relations(package, part)
    if not found:
        raise damaged("it does not say where its sheets are")
    return found


def target_of(found: dict[str, Relation], kind: str) -> str | None:
    """The part of the first relation of this kind."""
    return next((relation.target for relation in found.values() if relation.kind == kind), None)
