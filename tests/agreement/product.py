"""The product's validator, called as the twin is."""

import polars as pl

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.joining import bind
from import_worker.forms.types.file_place import ArtifactsAddress, FilePlace
from import_worker.forms.validator import Validator
from tests.twin import RowError
from tests.twin.files import ARTIFACTS_BUCKET, FORM_ID, NAMES

from .case import Case

PLACE = FilePlace(FORM_ID, ArtifactsAddress(f"s3://{ARTIFACTS_BUCKET}"), lambda names: names.is_in(sorted(NAMES)))


def run_product(case: Case, cut: int = 0) -> tuple[list[tuple[int, str]], list[RowError]]:
    """One validator on two frames, as a job's chunks come: ``cut`` rows (maybe none), and the rest."""
    form = FormDefinition.parse(case.definition)
    validator = Validator(form, bind(form, HeaderMapping.parse(case.mapping), case.headers), PLACE)
    columns = {
        f"c{index}": pl.Series([cells[index] for cells in case.rows], dtype=pl.String) for index in validator.columns
    }
    rows = pl.Series(range(1, len(case.rows) + 1), dtype=pl.Int64)
    frame = pl.DataFrame({"row": rows, **columns})
    payloads: list[tuple[int, str]] = []
    errors: list[RowError] = []
    for part in (frame[:cut], frame[cut:]):
        validated = validator.validate(part)
        payloads += validated.payloads.select("row", "payload").rows()
        told = validated.errors.select("row", "field_key", "error_type", "error_message", "raw_value", "column")
        errors += [RowError(*error) for error in told.rows()]
    return payloads, errors
