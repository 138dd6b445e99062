"""Helpers for columns that an expression handles quickly, except for a few cells that need a slower function."""

from collections.abc import Callable, Sequence

import polars as pl

# Unicode White_Space. Polars strips these, and ``\s`` in its regular expressions matches them. Python's ``str.strip``
# differs: it also strips U+001C to U+001F.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def complete(quick: pl.Series, inputs: pl.Series, careful: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Fills the nulls of ``quick`` with the answers of ``careful``, except where the input is null, too.

    ``careful`` is called with the inputs that have no answer yet, in order and without nulls, and returns as many
    answers of ``quick``'s type.
    """
    if not quick.null_count():
        return quick
    unanswered = quick.is_null() & inputs.is_not_null()
    if not unanswered.any():
        return quick
    if unanswered.all():
        return careful(inputs)
    return replace_at(careful(inputs.filter(unanswered)), unanswered, quick)


def replace_at(answers: pl.Series, where: pl.Series, among: pl.Series) -> pl.Series:
    """Returns ``among`` with its elements at the true positions of ``where`` replaced by ``answers``, in order."""
    # ``scatter`` changes a series in place, so it gets a copy.
    return among.clone().scatter(where.arg_true(), answers)


def for_each_distinct(
    inputs: pl.Series, function: Callable[[Sequence[str]], Sequence[object]], dtype: type[pl.DataType]
) -> pl.Series:
    """Calls ``function`` once with the distinct inputs and returns its answers for all inputs; no input may be null."""
    if inputs.is_empty():
        return pl.Series(dtype=dtype)
    distinct = inputs.unique()
    answers = pl.Series(function(distinct.to_list()), dtype=dtype)
    return inputs.replace_strict(distinct, answers, return_dtype=dtype)
