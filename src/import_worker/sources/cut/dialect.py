"""How the records and cells of a delimited text are told apart."""

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

    Differently from them, a quoted cell over several lines that cannot be one is a stray quote: see
    ``import_worker.sources.cut.quotes``. ``width``, the number of the header's cells, helps to notice it.

    ``encoding``: a Python codec in which every byte stands for itself where ASCII has it (``utf-8``, ``cp1252``).
    ``lines``: what a record's line is; in a text made of a sheet, its row. ``template``: the rows with which a template
    of the host's explains itself are left out like empty lines (``import_worker.sources.cut.template_rows``).
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
        """As the plan keeps it. ``template`` only where it says something: the version before does not know it."""
        document = asdict(self)
        if not self.template:
            del document["template"]
        return document
