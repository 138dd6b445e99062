"""Which reader reads a field's cells."""

from collections.abc import Callable

from import_worker.forms.definition import Field, FieldType
from import_worker.forms.mapping import Binding
from import_worker.forms.mapping_entry import Normalize, Target
from import_worker.forms.types.choices import Checkbox, MultiSelect, Select
from import_worker.forms.types.date_formats import DateFormat
from import_worker.forms.types.dates import Date
from import_worker.forms.types.decimals import Number
from import_worker.forms.types.file_limits import FileLimits
from import_worker.forms.types.file_place import FilePlace
from import_worker.forms.types.files import File
from import_worker.forms.types.reading import Reader
from import_worker.forms.types.texts import Email, InternationalPhone, Phone, PostalCode, RichText, Text

_READERS: dict[FieldType, Callable[[Field, Target], Reader]] = {
    FieldType.TEXT: lambda *_: Text(),
    FieldType.TEXTAREA: lambda *_: Text(),
    FieldType.RICH_TEXT: lambda *_: RichText(),
    FieldType.NUMBER: lambda *_: Number(),
    FieldType.EMAIL: lambda *_: Email(),
    FieldType.PHONE: lambda *_: Phone(),
    FieldType.DATE: lambda _, target: Date(tuple(map(DateFormat.parse, target.date_formats))),
    FieldType.SELECT: lambda field, _: Select(field.options),
    FieldType.MULTISELECT: lambda field, target: MultiSelect(field.options, target.separator or ","),
    FieldType.CHECKBOX: lambda *_: Checkbox(),
}
_NORMALIZERS: dict[Normalize, tuple[Reader, set[FieldType]]] = {
    Normalize.PHONE: (InternationalPhone(), {FieldType.PHONE, FieldType.TEXT, FieldType.TEXTAREA}),
    Normalize.EMAIL: (Email(lower=True), {FieldType.EMAIL, FieldType.TEXT, FieldType.TEXTAREA}),
    Normalize.POSTAL_CODE: (PostalCode(), {FieldType.TEXT, FieldType.TEXTAREA}),
}


def reader_of(binding: Binding, place: FilePlace | None = None) -> Reader:
    """The reader for a bound field. ``place``: where files lie, None where no cell of a file field is read.

    Raises ``JobFailed`` (invalid_form_definition) for a ``fileConfig`` that cannot be used.
    """
    field, target = binding.field, binding.target
    if field.type is FieldType.FILE:
        return File(FileLimits.of(field), place)
    if target.normalize:
        reader, types = _NORMALIZERS[target.normalize]
        if field.type in types:
            return reader
    return _READERS[field.type](field, target)
