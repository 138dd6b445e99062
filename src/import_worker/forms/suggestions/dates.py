"""Suggestions for dates that no format reads, or that several formats read: which format to name."""

import shlex
from collections.abc import Sequence

from import_worker.forms.json_values import json_text
from import_worker.forms.mapping_entry import MappingEntry
from import_worker.forms.suggestions.date_candidates import candidates, example_of, shape
from import_worker.forms.suggestions.suggestion import FieldErrors, Suggestion, quote_cell

_MAX_SHAPES = 2
"""A column with more than two formats needs a person's decision."""


def suggest_date_formats(errors: FieldErrors) -> Suggestion | None:
    """Suggests the formats that read every cell, if only these can be meant; else asks a person which are meant."""
    named = errors.entry.date_formats
    alone = [text for text in named if _read(errors, [text])]
    if alone and len(named) > 1:
        return _name_fewer(errors, alone)
    by_shape: dict[str, list[str]] = {}
    for cell in errors.cells:
        cells = by_shape.setdefault(shape(cell), [])
        cells.append(cell)
        if len(by_shape) > _MAX_SHAPES:
            return None
    fitting = [_fitting(errors, known, cells) for known, cells in by_shape.items()]
    if not all(fitting):
        return None
    if len(fitting) == 1 and len(fitting[0]) > 1:
        return _ask(errors, fitting[0])
    if any(len(formats) > 1 for formats in fitting):
        return None
    return _add(errors, [formats[0] for formats in fitting])


def _fitting(errors: FieldErrors, known: str, cells: Sequence[str]) -> list[str]:
    return [text for text in candidates().get(known, ()) if _read(errors, [text], cells)]


def _read(errors: FieldErrors, formats: Sequence[str], cells: Sequence[str] | None = None) -> bool:
    return errors.all_read(errors.changed(date_formats=tuple(formats)), cells)


def formats_clash(errors: FieldErrors, one: str, others: Sequence[str]) -> bool:
    """Whether ``others``, ISO or Excel may read a cell as another day than ``one`` (of the candidates) does."""
    together = MappingEntry(field=errors.field.key, date_formats=(one, *others))
    return errors.read(together, [example_of(one)]).problem.null_count() == 0


def _add(errors: FieldErrors, formats: Sequence[str]) -> Suggestion | None:
    named = errors.entry.date_formats
    look = f"{errors.subject} look like {' or '.join(formats)}"
    for text in formats:
        if other := next((other for other in named if formats_clash(errors, text, [other])), None):
            return Suggestion(
                errors,
                f"{look}, and {errors.where} names {other}, which may read such a date as another day:"
                " name only the one that is right.",
            )
    together = [*named, *formats]
    if not _read(errors, together):
        return None
    entry = errors.changed(date_formats=tuple(together))
    member = f'"date_formats": {json_text(together)}'
    if named:
        return Suggestion(errors, f"{look}: write {member} in {errors.where}.", entry)
    options = " ".join(f"--option {shlex.quote('date_formats=' + text)}" for text in formats)
    return Suggestion(errors, f"{look}: add {member} to {errors.where}, or submit with {options}.", entry)


def _ask(errors: FieldErrors, formats: Sequence[str]) -> Suggestion:
    subject = errors.subject.replace("values", "dates")
    option = "" if errors.entry.date_formats else " or with --option date_formats=FORMAT"
    return Suggestion(
        errors,
        f"{subject} such as {_example(errors, formats)} are ambiguous: name the format, {_either(formats)}, as"
        f' "date_formats" in {errors.where}{option}.',
    )


def _name_fewer(errors: FieldErrors, alone: Sequence[str]) -> Suggestion:
    """Suggests naming fewer formats, where several are named and read the same cells as different days."""
    named = errors.entry.date_formats
    if len(alone) > 1:
        subject = errors.subject.replace("values", "dates")
        return Suggestion(
            errors,
            f"{subject} such as {_example(errors, alone)} are ambiguous, because {errors.where} names {_both(alone)}:"
            " name only one of these.",
        )
    # Formats that do no harm are kept: cells that were accepted may need them.
    kept = list(alone)
    for text in named:
        if text not in kept and _read(errors, [*kept, text]):
            kept.append(text)
    kept.sort(key=named.index)
    return Suggestion(
        errors,
        f'{errors.subject} are read by {alone[0]} alone: write "date_formats": {json_text(kept)} in {errors.where}.',
        errors.changed(date_formats=tuple(kept)),
    )


def _example(errors: FieldErrors, formats: Sequence[str]) -> str:
    """A cell that the first two formats read as different days, if there is one; else the first cell."""
    first, second = (
        errors.read(errors.changed(date_formats=(text,)), list(errors.cells)).stored for text in formats[:2]
    )
    differing = (first != second).arg_true()
    return quote_cell(list(errors.cells)[differing[0] if len(differing) else 0].strip()).strip('"')


def _either(formats: Sequence[str]) -> str:
    return ", ".join(formats[:-1]) + " or " + formats[-1]


def _both(formats: Sequence[str]) -> str:
    return ", ".join(formats[:-1]) + " and " + formats[-1]
