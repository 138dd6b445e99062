"""The sentences of row errors. All texts of the program that people read about a row are in this module."""

from dataclasses import dataclass
from enum import Enum

from import_worker.row_errors.error_type import RowErrorType


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, a record or a cell: ``error_type`` for programs, ``message`` for people."""

    error_type: RowErrorType
    message: str


class Sentence(Enum):
    """One thing that can be wrong: its error type, and its sentence with the parameters in braces."""

    REQUIRED = RowErrorType.REQUIRED, "Missing required field"

    NOT_A_NUMBER = RowErrorType.INVALID_NUMBER, "Not a number"
    NOT_AN_EMAIL = RowErrorType.INVALID_EMAIL, "Not an e-mail address"
    NOT_A_PHONE = RowErrorType.INVALID_PHONE, "Not a phone number"
    NOT_A_DATE = RowErrorType.INVALID_DATE, "Not a date in a known format ({formats})"
    NO_SUCH_DATE = RowErrorType.INVALID_DATE, "No such date"
    AMBIGUOUS_DATE = RowErrorType.INVALID_DATE, "Ambiguous date: more than one date format fits"
    NOT_AN_OPTION = RowErrorType.INVALID_OPTION, "Not one of the options"
    NOT_YES_OR_NO = RowErrorType.INVALID_BOOLEAN, "Not yes or no"

    NO_FILE_DESCRIPTION = (
        RowErrorType.INVALID_FILE_PAYLOAD,
        "Not a JSON object with fileName, mimeType and sizeBytes",
    )
    SEVERAL_FILES = RowErrorType.MULTI_FILE_NOT_SUPPORTED, "More than one file; the field takes one"
    NO_FILE_REFERENCE = RowErrorType.MISSING_FILE_REFERENCE, "No storageKey, artifactKey, signedUrl or url"
    BAD_FILE_REFERENCE = RowErrorType.INVALID_FILE_REFERENCE, "Not a key or a URL of the artifacts bucket"
    FILE_SIZE_NOT_WHOLE = RowErrorType.VALIDATION, "The file's size is not a whole number of bytes"
    FILE_TYPE_NOT_ALLOWED = RowErrorType.VALIDATION, "The file's type is not allowed ({types})"
    FILE_TOO_LARGE = RowErrorType.VALIDATION, "The file is larger than {max_bytes:,} bytes"
    FILE_OUTSIDE_PREFIX = RowErrorType.VALIDATION, "The file's key is not under {prefix}"
    NO_SUCH_FILE = RowErrorType.VALIDATION, "There is no such file in the artifacts bucket"

    TOO_SHORT = RowErrorType.VALIDATION, "Must have at least {limit} characters"
    TOO_LONG = RowErrorType.VALIDATION, "Must have at most {limit} characters"
    UNLIKE_PATTERN = RowErrorType.VALIDATION, "Does not match the expected pattern"
    TOO_SMALL = RowErrorType.VALIDATION, "Must be at least {limit}"
    TOO_LARGE = RowErrorType.VALIDATION, "Must be at most {limit}"
    AGAINST_RULE = RowErrorType.VALIDATION, "{message}"
    """The form's own message."""

    VALUE_IN_FORM = RowErrorType.DUPLICATE, "The form has this value already"
    VALUE_IN_ROW = RowErrorType.DUPLICATE, "Row {row:,} has this value already"
    NOT_FOUND = RowErrorType.NOT_FOUND, "Not found among the {table} ({column})"

    WRONG_NUMBER_OF_CELLS = RowErrorType.MALFORMED_ROW, "Has {cells:,} cells where the header has {headers:,}"
    STRAY_QUOTE = (
        RowErrorType.MALFORMED_ROW,
        "Has an opening quote without a closing one; the line is taken for the whole record",
    )
    BAD_BYTES = RowErrorType.INVALID_CHARACTER, "Contains bytes that the file's encoding does not allow"
    NUL = RowErrorType.INVALID_CHARACTER, "Contains a NUL character"
    NAMED_ERROR = RowErrorType.ERROR_CELL, "Holds the spreadsheet error {name}"
    UNNAMED_ERROR = RowErrorType.ERROR_CELL, "Holds a spreadsheet error"
    FORMULA_WITHOUT_RESULT = (
        RowErrorType.ERROR_CELL,
        "Holds a formula without a result; open the workbook in its program and save it",
    )

    ROW_REFUSED = RowErrorType.CONSTRAINT, "the database refused the row"
    """Used if PostgreSQL gives no reason; otherwise the error has PostgreSQL's own message."""

    def __init__(self, error_type: RowErrorType, template: str) -> None:
        self.error_type = error_type
        self.template = template

    def render(self, **parameters: object) -> str:
        """The sentence with its parameters filled in. Raises ``KeyError`` for a parameter that is not given."""
        return self.template.format(**parameters)

    def problem(self, **parameters: object) -> Problem:
        return Problem(self.error_type, self.render(**parameters))
