"""The styles of an xlsx workbook, as far as they distinguish dates from numbers."""

from collections.abc import Iterable

from import_worker.sources.workbooks.cells import Format
from import_worker.sources.workbooks.number_format import shown_by_id
from import_worker.sources.workbooks.xml_events import local_name, parse


def date_styles(chunks: Iterable[bytes]) -> dict[str, Format]:
    """What each cell format shows numbers as, by the format's index (from 0, as the text that cells refer to). Raises
    ``JobFailed``."""
    codes: dict[str, str] = {}
    formats: list[str] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        name = local_name(tag)
        if name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            formats.append(attributes.get("numFmtId", "0"))
        elif name == "numFmt":
            codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))

    def end(tag: str) -> None:
        nonlocal inside
        if local_name(tag) == "cellXfs":
            inside = False

    parse(chunks, start, end)
    found = {}
    for index, number in enumerate(formats):
        shown = shown_by_id(int(number) if number.isdecimal() else 0, codes.get(number))
        if shown:
            found[str(index)] = shown
    return found
