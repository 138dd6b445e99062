"""The rules by which a delimited text is split into records and cells."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Dialect:
    """Delimiter and quote are single ASCII characters; ``quote`` is None for a file that quotes nothing.

    A quote opens a quoted cell only as the first character of the cell (with ``spaced``, after blanks, which then do
    not belong to it). Inside, a doubled quote stands for one quote and a single one ends the quoting; what follows it
    up to the delimiter belongs to the cell literally. A quote anywhere else is an ordinary character. With
    ``backslash``, a character behind a backslash is an ordinary one. Records end at LF, CRLF or CR outside quotes. This
    is what Python's csv module and Arrow read, too.

    There is one difference: a quote that opens a cell over several lines is a stray quote if the text cannot be a cell;
    see ``import_worker.sources.cut.quotes``. ``width``, the number of the header's cells, helps to notice it.

    ``encoding``: a Python codec in which each ASCII byte is that ASCII character (``utf-8``, ``cp1252``). ``lines``:
    what counts as a line; in a text made from a sheet, each record is one. ``template``: template rows are left out
    like empty lines (``import_worker.sources.cut.template_rows``).
    """

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"
    backslash: bool = False
    spaced: bool = False
    lines: Literal["physical", "records"] = "physical"
    width: int | None = None
    template: bool = False

    def to_json(self) -> dict[str, Any]:
        """The JSON that the plan stores. ``template`` is left out unless it is true: earlier versions do not know
        it."""
        document = asdict(self)
        if not self.template:
            del document["template"]
        return document
