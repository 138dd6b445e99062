"""Which header of a file feeds which field, for people to see before anything is imported.

Nothing here raises: people see the match of a file that ``bind`` will refuse, too.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import FieldNames, columns_of, letters_of
from import_worker.forms.mapping_entry import MappingEntry

_MIN_LIKENESS = 0.35
"""Two names below this likeness have little more in common than any two English words."""

_COMPARED_CHARACTERS = 100
"""How many characters of a name are compared; a longer text is a sentence, not a name."""


@dataclass(frozen=True)
class Matching:
    """``by_header``: the file's headers in order, each with the key of the field that it feeds, or None; a header that
    feeds several fields is listed once for each.

    ``missing``: the keys of the fields that no column feeds, in the form's order. Each comes with the unused header
    that is most like the field's key or label, or None if no unused header is like it.
    """

    by_header: tuple[tuple[str, str | None], ...]
    missing: tuple[tuple[str, str | None], ...]


def match(form: FormDefinition, mapping: HeaderMapping | None, headers: Sequence[str]) -> Matching:
    """How ``mapping`` joins form and headers; if it is None, how they match by name. Raises nothing."""
    if mapping is None:
        names = FieldNames(form)
        named = {header: names.called(header) for header in headers}
        mapping = HeaderMapping(
            {header: MappingEntry(field=one[0].key) for header, one in named.items() if len(one) == 1}
        )
    order = {field.key: number for number, field in enumerate(form.fields)}
    fed: list[set[str]] = [set() for _ in headers]
    for name, columns in columns_of(mapping, headers).items():
        for column in columns:
            fed[column].add(mapping.entries[name].field)
    by_header: list[tuple[str, str | None]] = []
    for header, keys in zip(headers, fed, strict=True):
        known = sorted(keys & order.keys(), key=order.__getitem__)
        by_header += [(header, key) for key in known] or [(header, None)]
    fields = [field for field in form.fields if not any(field.key in keys for keys in fed)]
    free = _Names([header for header, key in by_header if key is None])
    return Matching(tuple(by_header), tuple((field.key, free.nearest(field.key, field.label)) for field in fields))


class _Names:
    """Finds headers by their likeness to a name."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._pairs = [Counter(_pairs(name)) for name in names]
        self._sizes = [pairs.total() for pairs in self._pairs]
        self._holders: dict[str, list[int]] = {}
        for number, pairs in enumerate(self._pairs):
            for pair in pairs:
                self._holders.setdefault(pair, []).append(number)

    def nearest(self, *wanted: str) -> str | None:
        """The header that is most like one of the wanted names, the first one of equals; None if none is like them."""
        best, found = _MIN_LIKENESS, None  # the number of a name
        for text in dict.fromkeys(wanted):
            pairs = Counter(_pairs(text))
            common: Counter[int] = Counter()
            for pair, times in pairs.items():
                for number in self._holders.get(pair, ()):
                    common[number] += min(times, self._pairs[number][pair])
            size = pairs.total()
            for number, shared in common.items():
                # Dice's coefficient: 1 if both have the same pairs, in any order.
                likeness = 2 * shared / (size + self._sizes[number])
                if likeness > best or (likeness == best and found is not None and number < found):
                    best, found = likeness, number
        return None if found is None else self._names[found]


def _pairs(name: str) -> Iterator[str]:
    """The pairs of neighbouring letters and digits, both ends included."""
    text = f" {letters_of(name[:_COMPARED_CHARACTERS])} "
    yield from (text[at : at + 2] for at in range(len(text) - 1) if text != "  ")
