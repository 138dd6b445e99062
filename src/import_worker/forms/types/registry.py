"""The types that a form's fields may have, by the names that forms give them."""

from collections.abc import Mapping

from import_worker.forms.types.checkbox import CheckboxType
from import_worker.forms.types.date import DateType
from import_worker.forms.types.email import EmailType
from import_worker.forms.types.field_type import FieldType
from import_worker.forms.types.file import FileType
from import_worker.forms.types.multiselect import MultiselectType
from import_worker.forms.types.number import NumberType
from import_worker.forms.types.phone import PhoneType
from import_worker.forms.types.rich_text import RichTextType
from import_worker.forms.types.select import SelectType
from import_worker.forms.types.text import TextType

FIELD_TYPES: Mapping[str, FieldType] = {
    "text": TextType(),
    "textarea": TextType(),
    "rich_text": RichTextType(),
    "number": NumberType(),
    "email": EmailType(),
    "phone": PhoneType(),
    "date": DateType(),
    "select": SelectType(),
    "multiselect": MultiselectType(),
    "checkbox": CheckboxType(),
    "file": FileType(),
}

STAND_IN = FIELD_TYPES["text"]
"""The type of a field whose own definition cannot be used."""
