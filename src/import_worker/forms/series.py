"""Two ways to answer for a column: quickly for the many, carefully for the few."""

from collections.abc import Callable, Sequence

import polars as pl

# Unicode White_Space, which is also what Polars strips and what its regular expressions call ``\s``. Python's own
# ``str.strip`` differs: it takes U+001C to U+001F for white space.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def completed(quick: pl.Series, inputs: pl.Series, careful: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``quick``, with ``careful``'s answers where ``quick`` is null although there is an input.

    ``careful`` gets those inputs in order, none null, and returns as many answers of ``quick``'s type.
    """
    if not quick.null_count():
        return quick
    unanswered = quick.is_null() & inputs.is_not_null()
    if not unanswered.any():
        return quick
    if unanswered.all():
        return careful(inputs)
    return put(careful(inputs.filter(unanswered)), unanswered, quick)


def put(answers: pl.Series, where: pl.Series, among: pl.Series) -> pl.Series:
    """``among`` with its elements at the true positions of ``where`` replaced by ``answers``, in order."""
    # Scattering changes a series in place; what others hold stays as it is.
    return among.clone().scatter(where.arg_true(), answers)


def for_each_distinct(
    inputs: pl.Series, function: Callable[[Sequence[str]], Sequence[object]], dtype: type[pl.DataType]
) -> pl.Series:
    """``function``'s answers for the distinct inputs, spread over all inputs, none of which may be null."""
    if inputs.is_empty():
        return pl.Series(dtype=dtype)
    distinct = inputs.unique()
    answers = pl.Series(function(distinct.to_list()), dtype=dtype)
    return inputs.replace_strict(distinct, answers, return_dtype=dtype)
