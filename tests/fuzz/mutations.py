"""Ways to damage a file."""

import random
from typing import Protocol

_SPLICES = (
    *(b'"', b'""', b'"""', b"'", b"\\", b'\\"', b"\0", b"\0\0\0\0", b"\n", b"\r", b"\r\n", b"\n\n", b"\x1a", b"\x85"),
    *(b",", b";", b"\t", b"|", b",,,,,,,,", b',"', b'",', b'"\n"', b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"),
    *(b"\xff", b"\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"\x1b$B", b"\x80"),
    *(b"sep=;\n", b"<html>", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"#N/A", b"=1+1"),
    *(b"9" * 400, b"1e999", b"-0", b"NaN", b"2026-99-99", b"{{", b"\\N", b"NULL", b"\xf0\x9f\x99\x82"),
)
MAX_BYTES = 400_000


class Damage(Protocol):
    def __call__(self, rng: random.Random, data: bytes, body: int) -> bytes: ...


def damage(rng: random.Random, data: bytes, body: int) -> bytes:
    """One to six changes, most of them behind byte ``body``: a header that is lost is the end of the story."""
    for _ in range(rng.choice([1, 1, 2, 3, 6])):
        data = _change(rng, data, body if rng.random() < 0.85 else 0)
    return data[:MAX_BYTES]


def _change(rng: random.Random, data: bytes, body: int) -> bytes:
    low = min(body, len(data))
    at = rng.randint(low, len(data))
    end = min(len(data), at + rng.choice([1, 1, 2, 16, 200, 4_000]))
    block = data[at:end]
    match rng.randrange(11):
        case 0:
            changed = bytes(byte ^ (1 << rng.randrange(8)) for byte in block[:1]) + block[1:]
        case 1:
            changed = rng.randbytes(len(block))
        case 2:
            changed = rng.randbytes(rng.choice([1, 1, 2, 8, 100])) + block
        case 3:
            changed = b""
        case 4:
            changed = block * rng.choice([2, 2, 3, 100])
        case 5:
            return data[:at]
        case 6:
            changed = bytes(len(block))
        case 7:
            changed = block[::-1]
        case 8:
            source = rng.randint(low, len(data))
            changed = data[source : source + len(block)]
        case _:
            changed = rng.choice(_SPLICES) * rng.choice([1, 1, 1, 2, 50]) + block
    return data[:at] + changed + data[end:]
