"""A small writer of ods packages, as LibreOffice writes them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr

from tests.corpus.package import XML

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("draw", "drawing"),
        )
    )
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_MANIFEST_NAME = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'


def package(tables: str, *, manifest: str = "", mime: str = MIME) -> dict[str, str | bytes]:
    """``tables`` is the content of ``office:spreadsheet``. The style ``hidden`` hides a table."""
    styles = (
        '<office:automatic-styles><style:style style:name="shown" style:family="table">'
        '<style:table-properties table:display="true"/></style:style>'
        '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style></office:automatic-styles>"
    )
    content = (
        f'{XML}<office:document-content {_NAMES} office:version="1.3">{styles}<office:body><office:spreadsheet>'
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return {
        "mimetype": mime,
        "META-INF/manifest.xml": f"{XML}<manifest:manifest {_MANIFEST_NAME}>{manifest}</manifest:manifest>",
        "content.xml": content,
    }


def table(name: str, rows: str, style: str = "shown") -> str:
    start = f'<table:table table:name={quoteattr(name)} table:style-name="{style}">'
    return f"{start}<table:table-column/>{rows}</table:table>"


def sheets(contents: Mapping[str, Sequence[Sequence[object]]], hidden: Sequence[str]) -> str:
    return "".join(
        table(
            name,
            "".join(
                f"<table:table-row>{''.join(map(cell, row)) or '<table:table-cell/>'}</table:table-row>" for row in rows
            ),
            "hidden" if name in hidden else "shown",
        )
        for name, rows in contents.items()
    )


def cell(value: object) -> str:
    """``value`` as in ``workbooks.write_workbook``."""
    from tests.corpus.workbooks import ErrorCell

    match value:
        case None:
            return "<table:table-cell/>"
        case ErrorCell(text):
            return (
                '<table:table-cell table:formula="of:=X" office:value-type="string" office:string-value="" '
                f'calcext:value-type="error"><text:p>{text}</text:p></table:table-cell>'
            )
        case bool():
            attributes, text = f'boolean" office:boolean-value="{str(value).lower()}', str(value).upper()
        case int() | float():
            attributes, text = f'float" office:value="{value!r}', f"{value:g}"
        case str():
            attributes, text = "string", ""
        case datetime():
            attributes, text = f'date" office:date-value="{value.isoformat()}', f"{value:%d.%m.%y %H:%M}"
        case date():
            attributes, text = f'date" office:date-value="{value.isoformat()}', f"{value:%d.%m.%y}"
        case time():
            attributes, text = f'time" office:time-value="PT{value:%HH%MM%S}S', f"{value:%H:%M}"
        case timedelta():
            seconds = int(value.total_seconds())
            attributes, text = f'time" office:time-value="PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S', ""
        case _:
            raise TypeError(value)
    body = paragraphs(value) if isinstance(value, str) else f"<text:p>{text}</text:p>"
    return f'<table:table-cell office:value-type="{attributes}">{body}</table:table-cell>'


def paragraphs(text: str) -> str:
    def spaced(line: str) -> str:
        return escape(line).replace(" ", "<text:s/>").replace("\t", "<text:tab/>").replace("\r", "&#13;")

    return "".join(f"<text:p>{spaced(line)}</text:p>" for line in text.split("\n"))
