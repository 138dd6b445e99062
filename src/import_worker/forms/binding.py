"""One column of the file that feeds one field of the form."""

from dataclasses import dataclass

from import_worker.forms.field import Field
from import_worker.forms.mapping_entry import MappingEntry


@dataclass(frozen=True)
class Binding:
    """One column that feeds one field; a field may have several.

    ``column`` counts from 0, ``header`` is the file's text; both are None for a column that the file lacks, whose cells
    are all empty. ``mapped_header`` is the header as the mapping writes it, ``entry`` is the mapping's entry for it.
    """

    field: Field
    column: int | None
    header: str | None
    mapped_header: str
    entry: MappingEntry
