"""The codes of row errors, as they are written in reports and tables."""

from enum import StrEnum


class RowErrorType(StrEnum):
    """The kind of a row error (``errorType``)."""

    REQUIRED = "required"
    INVALID_NUMBER = "invalid_number"
    INVALID_EMAIL = "invalid_email"
    INVALID_PHONE = "invalid_phone"
    INVALID_DATE = "invalid_date"
    INVALID_OPTION = "invalid_option"
    INVALID_BOOLEAN = "invalid_boolean"
    INVALID_FILE_PAYLOAD = "invalid_file_payload"
    MULTI_FILE_NOT_SUPPORTED = "multi_file_not_supported"
    MISSING_FILE_REFERENCE = "missing_file_reference"
    INVALID_FILE_REFERENCE = "invalid_file_reference"
    VALIDATION = "validation"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    MALFORMED_ROW = "malformed_row"
    INVALID_CHARACTER = "invalid_character"
    ERROR_CELL = "error_cell"
    CONSTRAINT = "constraint"
