"""The detected format of a source file, which is stored in the plan and shown to people."""

from dataclasses import asdict, dataclass
from typing import Any

from import_worker.sources.detect.text_format import TextFormat


@dataclass(frozen=True)
class SourceFormat:
    """``wrapping`` names the formats around the text, the outermost first: ``gzip``, ``zstd``, or the kind of
    workbook."""

    wrapping: tuple[str, ...]
    sheet: str | None
    text: TextFormat

    def to_json(self) -> dict[str, Any]:
        """The JSON that is ``format`` in the plan and in ``--json`` documents; for a sheet, only what sheets have."""
        text = asdict(self.text)
        sure = {name: str(value) for name, value in text.pop("sure").items()}
        text = {
            "encoding": text["encoding"],
            "bom": text["bom_bytes"] > 0,
            "delimiter": text["delimiter"],
            "quote": text["quote"],
            "escape": "backslash" if text["backslash"] else "doubled",
            "spaced": text["spaced"],
            "newline": text["newline"],
            "headerRow": text["header_row"],
        }
        sure["headerRow"] = sure.pop("header_row")
        if self.sheet is not None:
            text = {"headerRow": text["headerRow"]}
            sure = {"headerRow": sure["headerRow"]}
        return {"wrapping": list(self.wrapping), "sheet": self.sheet, **text, "sure": sure}


_CHARACTERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}


def describe(document: dict[str, Any]) -> str:
    """A format (``SourceFormat.to_json``) in words: ``gzip, utf-8 (certain), delimiter semicolon (likely), ...``."""
    sure = document["sure"]
    parts = list(document["wrapping"])
    if document["sheet"] is not None:
        parts.append(f"sheet {document['sheet']}")
    else:
        delimiter = _CHARACTERS.get(document["delimiter"], document["delimiter"])
        parts += [
            f"{document['encoding']} ({sure['encoding']})",
            f"delimiter {delimiter} ({sure['delimiter']})",
            f"quote {document['quote'] or 'none'} ({sure['quote']})",
        ]
        if document["escape"] == "backslash":
            parts.append("backslash escapes")
        parts.append(f"line ends {document['newline']}")
    return ", ".join([*parts, f"header in row {document['headerRow']:,} ({sure['headerRow']})"])
