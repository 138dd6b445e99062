"""Tables to write to files: kinds of columns and cells that make files hard to tell apart.

Each takes a language, randomness, and whether decimals have a comma.
"""

import random
from typing import Protocol

from tests.corpus.languages import Language

Table = list[list[str]]
"""The header and the rows, cells as they are meant."""


class TableKind(Protocol):
    __name__: str

    def __call__(self, words: Language, rng: random.Random, *, comma: bool) -> Table: ...


def stock(words: Language, rng: random.Random, *, comma: bool) -> Table:
    rows = []
    for number in range(rng.choice([6, 12, 40])):
        price = f"{rng.randrange(100, 99_999) / 100:.2f}"
        day = (
            f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/2024" if comma else f"2024-05-{rng.randrange(10, 29)}"
        )
        article, place, remark = (rng.choice(options) for options in (words.articles, words.places, words.remarks))
        quantity = str(rng.randrange(90))
        cells = [str(1000 + number), article, place, quantity, price.replace(".", ",") if comma else price, day, remark]
        rows.append(cells)
    return [list(words.headers), *rows]


def few(words: Language, rng: random.Random, *, comma: bool) -> Table:
    return stock(words, rng, comma=comma)[: rng.choice([2, 3])]


def texts(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """Nothing but text, with delimiters and quotes of other files inside."""
    marks = [", ", "; ", " | ", ": ", " - ", " (", "\n", ' "', "' "]
    rows = []
    for _ in range(rng.choice([4, 15])):
        remarks = [rng.choice(words.remarks) + rng.choice(marks) + rng.choice(words.articles) for _ in range(2)]
        rows.append([rng.choice(words.articles), *remarks, rng.choice(words.places)])
    return [[words.headers[index] for index in (1, 6, 0, 2)], *rows]


def addresses(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """A comma in every row of one column, the header among them."""
    return [
        [words.headers[1], f"{words.headers[2]}, {words.headers[0]}", words.headers[5]],
        *([rng.choice(words.articles), f"{rng.choice(words.places)}, {n}", f"10:{n:02}:00"] for n in range(10, 25)),
    ]


def measurements(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """Numbers and times only."""

    def number() -> str:
        text = f"{rng.uniform(-50, 5000):.3f}"
        return text.replace(".", ",") if comma else text

    header = [words.headers[5], *(f"{words.headers[3]} {n}" for n in range(1, 5))]
    return [header, *([f"2024-03-01 {h:02}:30:00", *(number() for _ in range(4))] for h in range(24))]


def wide(words: Language, rng: random.Random, *, comma: bool) -> Table:
    header = [f"{words.headers[n % 7]} {n}" for n in range(200)]
    return [
        header,
        *([str(rng.randrange(1000)) if n % 3 else rng.choice(words.places) for n in range(200)] for _ in "abcde"),
    ]


def pairs(words: Language, rng: random.Random, *, comma: bool) -> Table:
    return [
        [words.headers[2], words.headers[3]],
        *([rng.choice(words.places), str(rng.randrange(500))] for _ in range(9)),
    ]


def sparse(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """Most cells are empty; the last column always is."""
    rows = []
    for number in range(20):
        cells = [rng.choice(words.articles) if rng.random() < 0.3 else "" for _ in range(5)]
        rows.append([f"{number:05}", *cells, ""])
    return [list(words.headers), *rows]


def codes(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """Lists, times, paths, objects and inches inside cells."""
    rows = []
    for number in range(15):
        tags = "|".join(rng.choice(words.places) for _ in range(3))
        path = f"C:\\data\\{number}"
        link = f"https://example.org/a;b?c={number}"
        rows.append([f"{number:03}", tags, f"{number % 24:02}:15", path, link, f'{number}" {words.articles[-1]}'])
    return [["code", "tags", "time", "path", "link", words.headers[1]], *rows]


def objects(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """JSON in cells, quotes doubled or escaped all over."""
    rows = []
    for number in range(12):
        value = f'{{"place": "{rng.choice(words.places)}", "list": [1, {number}]}}'
        rows.append([str(number), value, rng.choice(["true", "false"])])
    return [["id", "value", "active"], *rows]


def long_cells(words: Language, rng: random.Random, *, comma: bool) -> Table:
    rows = []
    for number in range(6):
        sentences = [rng.choice(words.remarks) for _ in range(200)]
        rows.append([str(number), ", ".join(sentences) + "\n\n" + "; ".join(sentences), rng.choice(words.places)])
    return [[words.headers[0], words.headers[6], words.headers[2]], *rows]


def single(words: Language, rng: random.Random, *, comma: bool) -> Table:
    return [[words.headers[2]], *([rng.choice(words.places)] for _ in range(12))]


def years(words: Language, rng: random.Random, *, comma: bool) -> Table:
    """A header of numbers, with a first cell that is empty."""
    rows = [[rng.choice(words.places), *(str(rng.randrange(100)) for _ in range(4))] for _ in range(8)]
    return [["", "2021", "2022", "2023", "2024"], *rows]


KINDS: tuple[TableKind, ...] = (
    stock, few, texts, addresses, measurements, wide, pairs, sparse, codes, objects, long_cells, single, years
)  # fmt: skip
TABLES = {kind.__name__: kind for kind in KINDS}
