"""Parses XML chunk by chunk. Document types are refused, so there are no entities to expand or fetch."""

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from import_worker.sources.workbooks.refusals import damaged, limit

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]

_MAX_TEXT_BYTES = 16 << 20
# With each chunk the parser starts again at an unfinished tag, so a tag without an end would take quadratic time.
_MAX_TAG_BYTES = 4 << 20
_BUFFER_BYTES = 64 << 10


def parse_stepwise(
    chunks: Iterable[bytes], start: Start, end: End | None = None, text: list[str] | None = None
) -> Iterator[None]:
    """Parses the chunks; calls ``start`` and ``end`` with the qualified names as written, and yields after each chunk.

    Character data is appended to ``text``, which the handlers clear. Raises ``JobFailed``: unreadable_file for what
    is not well-formed or has a document type, limit_exceeded for a text beyond 16 MiB.
    """
    parser = expat.ParserCreate()
    parser.buffer_size = _BUFFER_BYTES
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text.append
    fed = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _MAX_TAG_BYTES:
                raise limit(f"The workbook has an XML tag of more than {_MAX_TAG_BYTES >> 20} MiB.")
            if text and sum(map(len, text)) > _MAX_TEXT_BYTES:
                raise limit(f"A cell of the workbook holds more than {_MAX_TEXT_BYTES >> 20} MiB of text; shorten it.")
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - it has no names for its parameters
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            raise MemoryError from error
        raise damaged(f"its XML has a fault: {error}") from error
    yield


def parse(chunks: Iterable[bytes], start: Start, end: End | None = None, text: list[str] | None = None) -> None:
    """Parses all chunks at once, as ``parse_stepwise`` does."""
    for _ in parse_stepwise(chunks, start, end, text):
        pass


def local_name(name: str) -> str:
    """A qualified name without its prefix."""
    return name.rpartition(":")[2]


def attribute(attributes: dict[str, str], name: str) -> str | None:
    """The value of the attribute with this local name, whatever its prefix."""
    return next((value for key, value in attributes.items() if local_name(key) == name), None)


def _refuse_doctype(*_: object) -> None:
    raise damaged("its XML has a document type, as no spreadsheet program writes it")
