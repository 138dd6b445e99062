"""Turning a chunk's bytes into good rows and errors: reading and validating, in pieces of bounded size. No IO."""

from collections.abc import Iterator

import polars as pl

from import_worker.chunk import Chunk
from import_worker.forms.known import KnownValues
from import_worker.forms.types.file_place import FilePlace
from import_worker.importing.planned_job import PlannedJob
from import_worker.importing.stopwatch import Stopwatch
from import_worker.row_errors.frame import FOUND_SCHEMA, locate_errors
from import_worker.row_errors.raw_value import MASK, shorten
from import_worker.sources.read.broken import BadRecord
from import_worker.sources.read.chunk_reader import pieces
from import_worker.targets.piece import CheckedPiece


class ChunkChecker:
    """Checks chunks of one planned job. Safe to share between threads."""

    def __init__(self, planned: PlannedJob, place: FilePlace | None = None) -> None:
        self._dialect = planned.dialect
        self._validator = planned.validator(place)
        self._reader = planned.reader(self._validator.columns)
        self._fields = {binding.column: binding.field for binding in planned.bindings}
        self.has_unique_fields = bool(self._validator.unique)
        self.lookups = self._validator.lookups
        self._lookup_reader = planned.reader(self._validator.columns_of(self.lookups))
        secrets = (field.type.secret for field in self._fields.values())
        self._secrets = tuple(dict.fromkeys(secret for secret in secrets if secret))

    def values_to_look_up(self, data: bytes, chunk: Chunk) -> dict[str, set[str]]:
        """The distinct stored values that a chunk has for each field that is looked up, by field key."""
        values: dict[str, set[str]] = {key: set() for key in self.lookups}
        for piece in pieces(data, chunk, self._dialect):
            frame = self._lookup_reader.read_piece(piece).frame
            for key, stored in self._validator.stored(frame, self.lookups).items():
                values[key].update(stored.drop_nulls().unique().to_list())
        return values

    def check(
        self, data: bytes, chunk: Chunk, watch: Stopwatch, known: KnownValues | None = None
    ) -> Iterator[CheckedPiece]:
        """Yields the chunk's rows, piece by piece, every row once. ``watch`` measures reading and validating.
        ``known``: what the form's unique fields and lookups need to know of the chunk."""
        for piece in pieces(data, chunk, self._dialect):
            with watch.measure("read"):
                read = self._reader.read_piece(piece)
            with watch.measure("validate"):
                validated = self._validator.validate(read.frame, known)
                payloads, errors, files = validated.payloads, validated.errors, validated.files
                if read.bad:
                    bad = self._describe(read.bad)
                    # A cell that could not be read has its error already; that it counts as empty is no second one.
                    errors = errors.join(bad, on=["row", "field_key"], how="anti", maintain_order="left")
                    errors = pl.concat([errors, bad])
                    whole = ~pl.col("row").is_in(bad["row"].implode())
                    payloads, files = payloads.filter(whole), files.filter(whole)
                errors = locate_errors(errors, read.lines_of)
            yield CheckedPiece(payloads, errors, files, read.lines_of)

    def _describe(self, found: list[BadRecord]) -> pl.DataFrame:
        """Makes errors of the records and cells that could not be read."""
        rows = []
        for bad in found:
            field = None if bad.column_index is None else self._fields.get(bad.column_index)
            # A malformed record could show any field's value, so one sensitive field hides all of it.
            hidden = self._validator.sensitive if bad.column_index is None else field is not None and field.sensitive
            rows.append(
                (
                    bad.row,
                    None if field is None else field.key,
                    str(bad.problem.error_type),
                    bad.problem.message,
                    MASK if hidden else shorten(self._mask_secrets(bad.raw)),
                    bad.column,
                )
            )
        return pl.DataFrame(rows, schema=FOUND_SCHEMA, orient="row")

    def _mask_secrets(self, raw: str) -> str:
        """Masks the parts of a cell or record that errors must not show of any field."""
        for secret in self._secrets:
            raw = secret.hide_in(raw)
        return raw
