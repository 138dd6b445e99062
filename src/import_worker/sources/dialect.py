"""How a delimited text file is written."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Dialect:
    """Delimiter and quote are single ASCII characters; ``quote`` is None for a file that quotes nothing.

    A quote opens a quoted cell only as the first character of the cell. Inside, a doubled quote stands for one quote
    and a single one ends the quoting; what follows it up to the delimiter belongs to the cell literally. A quote
    anywhere else is an ordinary character. Records end at LF, CRLF or CR outside quotes. This is what Python's csv
    module and Arrow read, too.
    """

    delimiter: str = ","
    quote: str | None = '"'
    encoding: str = "utf-8"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
