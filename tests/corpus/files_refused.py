"""What is no table, or too much of one: each with its reason and sentence."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import zstandard

from tests.corpus.file_case import Failure, FileCase, raw, text

# The first bytes of each kind, as its specification has them, and enough zeros behind them.
_BEGINNINGS = {
    "a PDF document": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    "a PNG picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
    "a JPEG picture": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "picture"),
    "a GIF picture": (b"GIF89a\x01\0\x01\0", "picture"),
    "a Parquet file": (b"PAR1\x15\x04\x15", "Parquet"),
    "a bzip2 file": (b"BZh91AY&SY", "bzip2"),
    "an xz file": (b"\xfd7zXZ\0\0\x04", "xz"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
    "a RAR archive": (b"Rar!\x1a\x07\x01\0", "RAR"),
    "an SQLite database": (b"SQLite format 3\0\x10\0", "SQLite"),
    "an RTF document": (rb"{\rtf1\ansi Lamp,3}", "RTF"),
    "an ELF program": (b"\x7fELF\x02\x01\x01\0" + bytes(range(1, 32)), "binary"),
}
_PAGES = {
    "a web page": "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>article,quantity</body></html>",
    "a web page in capitals behind blank lines": "\r\n\r\n  <HTML>\r\n<BODY>Sign in</BODY>\r\n</HTML>\r\n",
    "a table of HTML that is named .xls": "<html><table><tr><td>article</td></tr><tr><td>Lamp</td></tr></table></html>",
    "an XML document": '<?xml version="1.0"?><rows><row><article>Lamp</article></row></rows>',
}
_EMPTY = {
    "an empty file": b"",
    "nothing but line ends": b"\n\r\n\r\n\n",
    "a byte order mark": b"\xef\xbb\xbf",
    "a byte order mark of UTF-16": b"\xff\xfe",
    "blanks and delimiters": b" ,,, \n,,,\n",
    "gzip of nothing": gzip.compress(b"", mtime=0),
    "zstd of nothing": zstandard.ZstdCompressor().compress(b""),
}
_HEADERS_ONLY = {
    "a header only": b"article,quantity\n",
    "a header without line end": b"article;quantity",
    "a header and empty lines": b"article,quantity\r\n\r\n\r\n",
    "gzip of a header only": gzip.compress(b"article,quantity\n", mtime=0),
    "UTF-16 of a header only": "\ufeffarticle,quantity\r\n".encode("utf-16-le"),
}
BLOCK = bytes(4 << 20).replace(b"\0", b"x")


def archive(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def gzip_bomb(size: int, beginning: bytes = b"article,quantity\n", block: bytes = b"Lamp,1\n" * 200_000) -> bytes:
    """Decompresses to at least ``size`` bytes: one member again and again."""
    return gzip.compress(beginning, mtime=0) + gzip.compress(block, mtime=0) * (size // len(block) + 1)


def zstd_bomb(size: int, block: bytes = b"Lamp,1\n" * 200_000) -> bytes:
    compress = zstandard.ZstdCompressor().compress
    return compress(b"article,quantity\n") + compress(block) * (size // len(block) + 1)


def xlsx_bomb(size: int) -> bytes:
    """A sheet that unpacks to at least ``size`` bytes of comments, in a package of a thousandth of that."""
    from tests.corpus.package import xlsx_parts

    parts = xlsx_parts("ROWS")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            text = content if isinstance(content, str) else content.decode()
            if "ROWS" not in text:
                package.writestr(name, text)
                continue
            before, after = text.split("ROWS")
            with package.open(name, "w") as part:
                part.write(before.encode() + b'<row r="1"><c r="A1" t="inlineStr"><is><t>article</t></is></c></row>')
                for _ in range(size // len(BLOCK) + 1):
                    part.write(b"<!--" + BLOCK + b"-->")
                part.write(after.encode())
    return file.getvalue()


def deflate_lie(size: int) -> bytes:
    """A gzip file whose trailer says that it holds two bytes."""
    squeeze = zlib.compressobj(wbits=-15)
    data = squeeze.compress(b"article,quantity\n" + b"Lamp,1\n" * (size // 7)) + squeeze.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + data + struct.pack("<II", 0, 2)


def _no_tables() -> Iterator[FileCase]:
    for name, (beginning, says) in _BEGINNINGS.items():
        yield FileCase(name, raw(beginning + bytes(4_000)), failure=Failure("unsupported_format", says))
    for name, page in _PAGES.items():
        file_name = "file.xls" if "xls" in name else "file.csv"
        yield FileCase(name, text(page), failure=Failure("unsupported_format", "web page or XML"), file_name=file_name)
    yield FileCase(
        "a web page in gzip",
        lambda: gzip.compress(next(iter(_PAGES.values())).encode()),
        failure=Failure("unsupported_format", "web page or XML"),
    )
    yield FileCase(
        "a picture in gzip",
        lambda: gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(4_000)),
        failure=Failure("unsupported_format", "picture"),
    )
    yield FileCase(
        "random bytes",
        lambda: b"".join(struct.pack("<Q", pow(3, number, 2**64 - 59)) for number in range(1_000, 3_000)),
        failure=Failure("unsupported_format", "binary"),
    )
    yield FileCase(
        "a zip archive with a CSV file inside",
        lambda: archive({"file.csv": "article,quantity\nLamp,3\n"}),
        failure=Failure("unsupported_format", "unpack it and upload the table inside"),
    )
    yield FileCase(
        "a Word document",
        lambda: archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}),
        failure=Failure("unsupported_format", "a Word document"),
    )
    yield FileCase(
        "an empty zip archive", lambda: archive({}), failure=Failure("unsupported_format", "an empty zip archive")
    )


def _without_rows() -> Iterator[FileCase]:
    for name, data in _EMPTY.items():
        yield FileCase(name, raw(data), failure=Failure("source_file_empty", "The file is empty"))
    for name, data in _HEADERS_ONLY.items():
        yield FileCase(name, raw(data), failure=Failure("source_file_empty", "a header but no rows"))


def _limits() -> Iterator[FileCase]:
    columns = ["article", *(f"c{number}" for number in range(2_000))]
    for count in (2_001, 20_000):
        header = ";".join([*columns[:2_001], *(f"d{number}" for number in range(count - 2_001))])
        yield FileCase(
            f"{count} columns",
            text(f"{header}\n" + "Lamp" + ";" * (count - 1) + "\n"),
            failure=Failure("limit_exceeded", f"{count:,} columns, more than the 2,000"),
        )
    yield FileCase(
        "2,000 columns", text(";".join(columns[:2_000]) + "\nLamp" + ";" * 1_999 + "\n"), [{"article": "Lamp"}]
    )
    long = "x" * ((16 << 20) + 1)
    over = Failure("limit_exceeded", "longer than 16 MiB")
    yield FileCase("a record over 16 MiB", text(f"article,note\nLamp,a\nRug,{long}\nLamp,b\n"), failure=over)
    yield FileCase("a quoted record over 16 MiB", text(f'article,note\nLamp,a\nRug,"{long}"\nLamp,b\n'), failure=over)
    yield FileCase(
        "a record over 16 MiB in gzip",
        lambda: gzip.compress(f"article,note\n{'Lamp,a' * 3}\nRug,{'x,y ' * (5 << 20)}\n".encode(), 1),
        failure=over,
    )
    note = "y" * ((16 << 20) - 100)
    yield FileCase(
        "a record of almost 16 MiB",
        text(f'article,note\nLamp,a\nRug,"{note}"\nLamp,b\n'),
        [{"article": "Lamp", "note": "a"}, {"article": "Rug", "note": note}, {"article": "Lamp", "note": "b"}],
    )
    bomb = Failure("limit_exceeded", "200 times its size")
    yield FileCase("a gzip bomb", lambda: gzip_bomb(130 << 20), failure=bomb)
    yield FileCase("a gzip bomb that says it is small", lambda: deflate_lie(130 << 20), failure=bomb)
    yield FileCase("a zstd bomb", lambda: zstd_bomb(130 << 20), failure=bomb)
    yield FileCase("a gzip bomb in gzip", lambda: gzip.compress(gzip_bomb(400 << 20)), failure=bomb)


CASES: tuple[FileCase, ...] = (*_no_tables(), *_without_rows(), *_limits())
