"""Text files in which records or cells are wrong, and what that does to their neighbours: nothing."""

import codecs
from collections.abc import Iterator

from tests.corpus.file_case import FileCase, RowError, raw, text

TWO = ({"key": "article", "type": "text", "required": True}, {"key": "quantity", "type": "number"})
THREE = (*TWO, {"key": "note", "type": "text"})
HEADER, HEADER_3 = "article,quantity\n", "article,quantity,note\n"
NULS = "\x00"


def _lamp(quantity: int) -> dict[str, object]:
    return {"article": "Lamp", "quantity": quantity}


def _rug(quantity: int) -> dict[str, object]:
    return {"article": "Rug", "quantity": quantity, "note": "a, b"}


def _widths() -> Iterator[FileCase]:
    yield FileCase(
        "too many and too few cells",
        text("article,quantity,note\nLamp,1,a\nLamp,2\nLamp,3,c\nLamp,4,d,e\nLamp,5,f\nLamp\nLamp,7,g\n"),
        [{"article": "Lamp", "quantity": n, "note": note} for n, note in ((1, "a"), (3, "c"), (5, "f"), (7, "g"))],
        [
            RowError(2, 3, None, "malformed_row", "Lamp,2"),
            RowError(4, 5, None, "malformed_row", "Lamp,4,d,e"),
            RowError(6, 7, None, "malformed_row", "Lamp"),
        ],
        fields=THREE,
    )
    yield FileCase(
        "extra cells that are all empty are dropped",
        text(HEADER + 'Lamp,1,\nLamp,2,,,\nLamp,3, ,"",\nLamp,4,,x\nLamp,5\n'),
        [_lamp(1), _lamp(2), _lamp(3), _lamp(5)],
        [RowError(4, 5, None, "malformed_row", "Lamp,4,,x")],
        fields=TWO,
    )
    yield FileCase(
        "ragged_rows=pad fills missing cells, and extra ones stay wrong",
        text(HEADER_3 + "Lamp,1\nRug\nLamp,2,x,y\n,4\nLamp,5,\n"),
        [_lamp(1), {"article": "Rug"}, _lamp(5)],
        [
            RowError(3, 4, None, "malformed_row", "Lamp,2,x,y"),
            RowError(4, 5, "article", "required", ""),
        ],
        options={"ragged_rows": "pad"},
        fields=THREE,
    )
    yield FileCase(
        "ragged rows with line ends in their cells",
        text(HEADER + 'Lamp,1\n"Lamp\ntwo",2,"more\nof it"\n"Lamp\nthree"\nLamp,4\n'),
        [_lamp(1), _lamp(4)],
        [
            RowError(2, 3, None, "malformed_row", '"Lamp\ntwo",2,"more\nof it"'),
            RowError(3, 6, None, "malformed_row", '"Lamp\nthree"'),
        ],
        fields=TWO,
    )
    for newline in ("\n", "\r\n", "\r"):
        yield FileCase(
            f"empty lines are no rows ({newline!r})",
            text("article,quantity\n\nLamp,1\n\n\n,2\n,\nLamp,4\n\nLamp,x\n\n".replace("\n", newline)),
            [_lamp(1), _lamp(4)],
            [
                RowError(2, 6, "article", "required", ""),
                RowError(3, 7, "article", "required", ""),
                RowError(5, 10, "quantity", "invalid_number", "x"),
            ],
            fields=TWO,
        )
    yield FileCase(
        "lines behind cells of several lines, empty ones in them, too",
        text(HEADER + '"Lamp\n\n\nfine",1\n\n"Lamp\r\nx",y\n,3\nLamp,z\n'),
        [{"article": "Lamp\n\n\nfine", "quantity": 1}],
        [
            RowError(2, 7, "quantity", "invalid_number", "y"),
            RowError(3, 9, "article", "required", ""),
            RowError(4, 10, "quantity", "invalid_number", "z"),
        ],
        fields=TWO,
    )
    rows = 9_000
    yield FileCase(
        "row numbers and lines go on from chunk to chunk",
        text(HEADER + "".join(f'"Lamp\n",{"x" if n % 3_000 == 0 else n}\n\n' for n in range(1, rows + 1))),
        [{"article": "Lamp\n", "quantity": n} for n in range(1, rows + 1) if n % 3_000],
        [RowError(n, 3 * n - 1, "quantity", "invalid_number", "x") for n in range(3_000, rows + 1, 3_000)],
        fields=TWO,
    )


def _characters() -> Iterator[FileCase]:
    yield FileCase(
        "a NUL rejects its row, whose other errors are told, too",
        text(HEADER_3 + f"Lamp,1,a\nLamp{NULS},x,b\nRug,{NULS},c\nLamp,4,d\n{NULS},,\n"),
        [{"article": "Lamp", "quantity": 1, "note": "a"}, {"article": "Lamp", "quantity": 4, "note": "d"}],
        [
            RowError(2, 3, "quantity", "invalid_number", "x"),
            RowError(2, 3, "article", "invalid_character", "Lamp\ufffd"),
            RowError(3, 4, "quantity", "invalid_character", "\ufffd"),
            RowError(5, 6, "article", "invalid_character", "\ufffd"),
        ],
        fields=THREE,
    )
    utf8 = "article,quantity\nKühlschrank,1\nBürostuhl,2\nTürgriff,3\nSchlüssel,4\nGießkanne,5\n".encode()
    good = [
        {"article": article, "quantity": quantity}
        for quantity, article in enumerate(("Kühlschrank", "Bürostuhl", "Türgriff", "Schlüssel", "Gießkanne"), 1)
    ]
    yield FileCase(
        "bytes that are not UTF-8",
        raw(utf8 + b"Lamp\xff,6\nL\xe4mp,x\nLamp,7\xc3\nLamp,8\n"),
        [*good, _lamp(8)],
        [
            RowError(6, 7, "article", "invalid_character", "Lamp\ufffd"),
            RowError(7, 8, "quantity", "invalid_number", "x"),
            RowError(7, 8, "article", "invalid_character", "L\ufffdmp"),
            RowError(8, 9, "quantity", "invalid_character", "7\ufffd"),
        ],
        found={"encoding": "utf-8"},
        fields=TWO,
    )
    yield FileCase(
        "bytes that Windows-1252 does not have",
        raw(utf8.decode().encode("cp1252") + b"Lamp\x81,6\nLamp,7\n"),
        [*good, _lamp(7)],
        [RowError(6, 7, "article", "invalid_character", "Lamp\ufffd")],
        found={"encoding": "cp1252"},
        fields=TWO,
    )
    half = "\ud83d".encode("utf-16-le", "surrogatepass")
    wide = [part.encode("utf-16-le") for part in ("article,quantity\nLamp,1\nKühlschrank", ",2\nLamp,3\n")]
    yield FileCase(
        "half a surrogate pair in UTF-16",
        raw(codecs.BOM_UTF16_LE + wide[0] + half + wide[1]),
        [_lamp(1), _lamp(3)],
        [RowError(2, 3, "article", "invalid_character", "Kühlschrank\ufffd")],
        found={"encoding": "utf-16-le"},
        fields=TWO,
    )
    yield FileCase(
        "a NUL in a column that nobody wants",
        text(f"article,other,quantity\nLamp,x,1\nLamp,y{NULS},2\nLamp,z,3\n"),
        [_lamp(1), _lamp(3)],
        [RowError(2, 3, None, "invalid_character", "y\ufffd")],
        fields=TWO,
    )
    yield FileCase(
        "a NUL in a record that is too long",
        text(HEADER + f"Lamp,1\nLamp{NULS},2,x\nLamp,3\n"),
        [_lamp(1), _lamp(3)],
        [
            RowError(2, 3, "article", "invalid_character", "Lamp\ufffd"),
            RowError(2, 3, None, "malformed_row", "Lamp\ufffd,2,x"),
        ],
        fields=TWO,
    )


def _quotes() -> Iterator[FileCase]:
    good = "".join(f'Rug,{n},"a, b"\n' for n in range(1, 6))
    rugs = [_rug(n) for n in range(1, 6)]
    yield FileCase(
        "a quote that nothing closes takes its line only",
        text(HEADER_3 + good + '"Lamp,6,x\nRug,7,c\nRug,8,d\n'),
        [*rugs, {"article": "Rug", "quantity": 7, "note": "c"}, {"article": "Rug", "quantity": 8, "note": "d"}],
        [RowError(6, 7, None, "malformed_row", '"Lamp,6,x')],
        fields=THREE,
    )
    yield FileCase(
        "a quote that nothing closes, in the last line",
        text(HEADER_3 + good + 'Lamp,6,"x'),
        rugs,
        [RowError(6, 7, None, "malformed_row", 'Lamp,6,"x')],
        fields=THREE,
    )
    yield FileCase(
        "a quote that the next opening quote would close",
        text(HEADER_3 + good + '"Lamp,6,x\n' + good + 'Lamp,x,"c, d"\n'),
        [*rugs, *rugs],
        [
            RowError(6, 7, None, "malformed_row", '"Lamp,6,x'),
            RowError(12, 13, "quantity", "invalid_number", "x"),
        ],
        fields=THREE,
    )
    plain = "".join(f"Lamp,{n},c\n" for n in range(1, 9))
    lamps = [{"article": "Lamp", "quantity": n, "note": "c"} for n in range(1, 9)]
    yield FileCase(
        "a quote that is closed many records later",
        text(HEADER_3 + good + 'Rug,6,"x\n' + plain + 'Lamp,9,y"\nLamp,10,c\n'),
        [
            *rugs,
            *lamps,
            {"article": "Lamp", "quantity": 9, "note": 'y"'},
            {"article": "Lamp", "quantity": 10, "note": "c"},
        ],
        [RowError(6, 7, None, "malformed_row", 'Rug,6,"x')],
        fields=THREE,
    )
    prose = (
        "The box was open.\nNobody answered, so, after an hour,\nwe left it there;\nit rained, and so on.\nThat is all"
    )
    yield FileCase(
        "a long cell of prose is no stray quote",
        text(HEADER_3 + good + f'Rug,6,"{prose}"\nRug,x,"{prose}"\nRug,8,"a, b"\n'),
        [*rugs, {"article": "Rug", "quantity": 6, "note": prose}, _rug(8)],
        [RowError(7, 12, "quantity", "invalid_number", "x")],
        fields=THREE,
    )
    yield FileCase(
        "quotes inside a cell, and text behind a closing quote, stay",
        text(HEADER_3 + good + 'Rug 5" wide,6,"a"" b"\n"Rug" (red),7,b\n'),
        [
            *rugs,
            {"article": 'Rug 5" wide', "quantity": 6, "note": 'a" b'},
            {"article": "Rug (red)", "quantity": 7, "note": "b"},
        ],
        fields=THREE,
    )
    long = "".join(f"Rug,{n},{'x' * 20_000}\n" for n in range(900))
    yield FileCase(
        "a quote that nothing closes within 16 MiB",
        text(HEADER_3 + good + '"Lamp,6,x\n' + long + 'Rug,1,"a, b"\n'),
        [*rugs, *({"article": "Rug", "quantity": n, "note": "x" * 20_000} for n in range(900)), _rug(1)],
        [RowError(6, 7, None, "malformed_row", '"Lamp,6,x')],
        fields=THREE,
    )
    yield FileCase(
        "many stray quotes",
        text(HEADER_3 + "".join(good + f'Lamp,{n},"x\n' for n in range(1, 200))),
        rugs * 199,
        [RowError(6 * n, 6 * n + 1, None, "malformed_row", f'Lamp,{n},"x') for n in range(1, 200)],
        fields=THREE,
    )


CASES: tuple[FileCase, ...] = (*_widths(), *_characters(), *_quotes())
