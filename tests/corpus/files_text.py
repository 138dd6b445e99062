"""Text files in the many ways they are written: delimiters, quotes, line ends, encodings, headers, compression."""

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import zstandard

from tests.corpus import stock
from tests.corpus.dialects import Style, write
from tests.corpus.file_case import Failure, FileCase, RowError, raw, text
from tests.corpus.languages import LANGUAGES

# What each style must be found to be, beside the delimiter.
_UTF8: dict[str, Any] = {"encoding": "utf-8", "bom": False, "wrapping": [], "sheet": None}
_UNICODE = {
    "utf-8-sig": ("utf-8", True),
    "utf-16-le-sig": ("utf-16-le", True),
    "utf-16-be-sig": ("utf-16-be", True),
    "utf-16-le": ("utf-16-le", False),
    "utf-16-be": ("utf-16-be", False),
    "utf-32-le-sig": ("utf-32-le", True),
    "utf-32-be-sig": ("utf-32-be", True),
}
# By language, encodings and the name that each must be found by; of those that hold the same characters, any.
_LEGACY: dict[str, dict[str, str | None]] = {
    "german": {"cp1252": "cp1252", "latin-1": "cp1252", "mac_roman": "mac-roman"},
    "french": {"iso8859-15": None},
    "polish": {"cp1250": "cp1250", "iso8859-2": "iso8859-2"},
    "russian": {"cp1251": "cp1251", "koi8-r": None},
    "greek": {"cp1253": None},
    "turkish": {"cp1254": "cp1254"},
    "japanese": {"cp932": "cp932", "euc_jp": "euc_jp"},
    "chinese": {"gb18030": "gb18030"},
    "taiwanese": {"big5": None},
    "korean": {"euc_kr": "cp949"},
}


def _stock(style: Style) -> bytes:
    return write("stock", stock.PLAIN_TABLE if style.quoting == "none" else stock.TABLE, style).data


def _stock_case(name: str, style: Style, header_line: int = 1, **found: object) -> FileCase:
    plain = style.quoting == "none"
    return FileCase(
        name,
        lambda: _stock(style),
        stock.PLAIN_PAYLOADS if plain else stock.PAYLOADS,
        stock.plain_errors(header_line) if plain else stock.errors(header_line),
        found={"headerRow": header_line, **found},
    )


def _styles() -> Iterator[FileCase]:
    for name, delimiter in {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "caret": "^"}.items():
        yield _stock_case(name, Style(delimiter=delimiter), **_UTF8, delimiter=delimiter, quote='"', newline="lf")
        yield _stock_case(f"{name}, no quotes", Style(delimiter=delimiter, quoting="none"), delimiter=delimiter)
    yield _stock_case("everything in double quotes", Style(quoting="all"), quote='"')
    yield _stock_case("everything in single quotes", Style(quoting="all", quote="'"), quote="'")
    yield _stock_case("quotes behind blanks", Style(quoting="all", spaced=True), spaced=True)
    yield _stock_case("quotes escaped by backslashes", Style(quoting="all", backslash=True), escape="backslash")
    for newline in ("crlf", "cr", "mixed"):
        yield _stock_case(f"line ends {newline}", Style(newline=newline), newline=newline)
    yield _stock_case("no line end at the end", Style(last_newline=False))


def _encodings() -> Iterator[FileCase]:
    for encoding, (found, bom) in _UNICODE.items():
        yield _stock_case(encoding, Style(encoding=encoding), encoding=found, bom=bom)
    yield _stock_case("utf-16 with CRLF and tabs", Style(encoding="utf-16-le-sig", newline="crlf", delimiter="\t"))
    yield _stock_case("windows-1252, semicolon", Style(encoding="cp1252", delimiter=";"), encoding="cp1252")
    for language, encodings in _LEGACY.items():
        words = LANGUAGES[language]
        # As many as the articles, so that each of their rows is another.
        rows = [(article, words.remarks[number % len(words.remarks)]) for number, article in enumerate(words.articles)]
        content = "article,note\n" + "".join(f"{article},{note.replace(',', '')}\n" for article, note in rows)
        payloads = [{"article": article, "note": note.replace(",", "")} for article, note in rows]
        for encoding, name in encodings.items():
            yield FileCase(
                f"{language} in {encoding}",
                text(content, encoding),
                payloads,
                found={"encoding": name} if name else {},
            )


def _late() -> Iterator[FileCase]:
    # The first byte beyond ASCII comes behind all that detection looks at.
    rows = 700
    lines = "".join(f"Kettle {number},{'x' * 2_000}\n" for number in range(rows))
    yield FileCase(
        "windows-1252 that begins in ASCII",
        text(f"article,note\n{lines}Kühlschrank,für draußen\nBürostuhl,Größe geändert\n", "cp1252"),
        [
            *({"article": f"Kettle {number}", "note": "x" * 2_000} for number in range(rows)),
            {"article": "Kühlschrank", "note": "für draußen"},
            {"article": "Bürostuhl", "note": "Größe geändert"},
        ],
        found={"encoding": "cp1252", "wrapping": []},
    )


def _headers() -> Iterator[FileCase]:
    for preamble, line in {"blank": 2, "blanks": 4, "title": 2, "title and blank": 3, "padded title": 2}.items():
        yield _stock_case(f"{preamble} above the header", Style(preamble=preamble), line)
    for preamble, line in {"comments": 3, "notes": 5, "padded notes": 4, "screen": 10}.items():
        yield _stock_case(f"{preamble} above the header", Style(preamble=preamble), line)
    yield _stock_case("sep=;", Style(delimiter=";", preamble="hint"), 2, delimiter=";")
    yield _stock_case(
        "sep=;, CRLF and a BOM", Style(delimiter=";", preamble="hint", newline="crlf", encoding="utf-8-sig"), 2
    )
    yield FileCase(
        "a title over two lines",
        text('"Stock list\nof the spring"\n\narticle,quantity\nLamp,3\n,4\n'),
        [{"article": "Lamp", "quantity": 3}],
        [RowError(2, 6, "article", "required", "")],
        found={"headerRow": 3},
    )
    yield FileCase(
        "one column",
        text("Article\nLamp\nRug\n\nSteel ladder\n"),
        [{"article": "Lamp"}, {"article": "Rug"}, {"article": "Steel ladder"}],
        fields=[{"key": "article", "type": "text"}],
    )
    yield FileCase(
        "one column with commas in it",
        text("Note\nGood, quick\nLate, bad, dear\nFine\n"),
        [{"note": "Good, quick"}, {"note": "Late, bad, dear"}, {"note": "Fine"}],
        fields=[{"key": "note", "type": "text"}],
    )


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _gzip_members(data: bytes) -> bytes:
    third = len(data) // 3
    return b"".join(map(_gzip, (data[:third], data[third : 2 * third], data[2 * third :]))) + bytes(512)


def _zstd_frames(data: bytes) -> bytes:
    half = len(data) // 2
    frames = [zstandard.ZstdCompressor().compress(part) for part in (data[:half], data[half:])]
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"
    return frames[0] + skipped + frames[1]


_WRAPPINGS: dict[str, tuple[Callable[[bytes], bytes], list[str]]] = {
    "gzip": (_gzip, ["gzip"]),
    "gzip in three members, padded": (_gzip_members, ["gzip"]),
    "gzip in gzip": (lambda data: _gzip(_gzip(data)), ["gzip", "gzip"]),
    "zstd": (zstandard.ZstdCompressor().compress, ["zstd"]),
    "zstd in two frames": (_zstd_frames, ["zstd"]),
    "zstd in gzip": (lambda data: _gzip(zstandard.ZstdCompressor().compress(data)), ["gzip", "zstd"]),
}


def _compressed() -> Iterator[FileCase]:
    for name, (wrap, wrapping) in _WRAPPINGS.items():
        yield FileCase(
            name,
            lambda wrap=wrap: wrap(_stock(Style())),  # type: ignore[misc]
            stock.PAYLOADS,
            stock.errors(),
            found={"wrapping": wrapping, "encoding": "utf-8", "delimiter": ","},
        )
    for encoding in ("utf-16-le-sig", "cp1252"):
        yield FileCase(
            f"gzip of {encoding}",
            lambda encoding=encoding: _gzip(_stock(Style(encoding=encoding, newline="crlf", delimiter=";"))),  # type: ignore[misc]
            stock.PAYLOADS,
            stock.errors(),
            found={"wrapping": ["gzip"], "encoding": encoding.removesuffix("-sig"), "newline": "crlf"},
        )
    whole = _gzip(_stock(Style()) * 50)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    frame = zstandard.ZstdCompressor(write_checksum=True).compress(_stock(Style()) * 50)
    broken = bytearray(frame)
    broken[-1] ^= 0xFF
    for name, data, says in (
        ("a gzip file cut off", whole[:-20], "gzip data ends in the middle"),
        ("a gzip file cut off behind a member", whole + _gzip(b"Lamp,3\n")[:-9], "gzip data ends in the middle"),
        ("a damaged gzip file", bytes(damaged), "gzip data is damaged"),
        ("a zstd file cut off", frame[:-20], "zstd data ends in the middle"),
        ("a damaged zstd file", bytes(broken), "zstd data is damaged"),
    ):
        yield FileCase(name, raw(data), failure=Failure("unreadable_file", says))
    yield FileCase(
        "gzip in gzip in gzip",
        lambda: _gzip(_gzip(_gzip(_stock(Style())))),
        failure=Failure("unsupported_format", "compressed more than 2 times"),
    )


def _names() -> Iterator[FileCase]:
    yield FileCase(
        "a gzip file named .txt",
        lambda: _gzip(_stock(Style())),
        stock.PAYLOADS,
        stock.errors(),
        found={"wrapping": ["gzip"]},
        file_name="file.txt",
    )
    yield FileCase(
        "a CSV file named .xlsx",
        lambda: _stock(Style()),
        stock.PAYLOADS,
        stock.errors(),
        found=_UTF8,
        file_name="stock list.xlsx",
    )
    yield FileCase(
        "a CSV file named .csv.gz",
        lambda: _stock(Style()),
        stock.PAYLOADS,
        stock.errors(),
        found=_UTF8,
        file_name="file.csv.gz",
    )


CASES: tuple[FileCase, ...] = (
    *_styles(), *_encodings(), *_late(), *_headers(), *_compressed(), *_names()
)  # fmt: skip
