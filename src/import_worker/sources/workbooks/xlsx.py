"""xlsx: the sheets of a workbook and their parts (ECMA-376 part 1, 18.2)."""

from collections.abc import Iterator

from import_worker.sources.workbooks.cells import Row
from import_worker.sources.workbooks.package import Package
from import_worker.sources.workbooks.relations import sheet_relations, target_of
from import_worker.sources.workbooks.sheets import Listed, Sheet, WorkbookKind, choose
from import_worker.sources.workbooks.strings import Strings
from import_worker.sources.workbooks.styles import date_styles
from import_worker.sources.workbooks.xlsx_sheet import TRUE, sheet_rows
from import_worker.sources.workbooks.xlsx_text import shared_strings
from import_worker.sources.workbooks.xml_events import attribute, local_name, parse


def open_xlsx(package: Package, part: str, wanted: str | None) -> tuple[Sheet, Iterator[Row]]:
    """Opens the chosen sheet. ``part`` is the workbook's main part. Raises ``JobFailed``."""
    related = sheet_relations(package, part)
    listed: list[Listed] = []
    date1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal date1904
        name = local_name(tag)
        if name == "workbookPr":
            date1904 = attributes.get("date1904") in TRUE
        elif name == "sheet":
            relation = related.get(attribute(attributes, "id") or "")
            if relation and relation.kind == "worksheet":
                visible = attributes.get("state", "visible") == "visible"
                listed.append(Listed(attributes.get("name", ""), visible, relation.target))

    parse(package.stream(part), start)
    chosen = listed[choose(listed, wanted)]
    sheet = Sheet(WorkbookKind.XLSX, chosen.name, tuple(each.name for each in listed))
    return sheet, _rows(
        package, chosen.place, target_of(related, "styles"), target_of(related, "sharedStrings"), date1904
    )


def _rows(package: Package, part: str, styles: str | None, strings: str | None, date1904: bool) -> Iterator[Row]:
    dates = date_styles(package.stream(styles)) if styles and styles in package else {}
    shared = shared_strings(package.stream(strings)) if strings and strings in package else Strings()
    return sheet_rows(package.stream(part), shared, dates, date1904)
