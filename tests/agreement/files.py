"""Cells of file fields: mostly written as one program writes them, else with something odd in any place."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.twin.files import AWS_HOSTS, DEFAULT_TYPES, FORM_ID, NAMES, PREFIX

from .characters import damaged, odd_text, padded

TYPES = (*DEFAULT_TYPES, "application/zip", "IMAGE/PNG", "image/heic", "imagery/x", "text/csv", "", " ", 5, None)
SIZES: tuple[Any, ...] = (
    0, 1, 118, 10_485_760, 10_485_761, 2_147_483_647, 2_147_483_648, 10**15, 10**30, 118.0, 1.5, -1, -0.0, 1e300,
    True, "118",
    None, [],
)  # fmt: skip
FILE_NAMES = ("a.pdf", "é \"q\"\\ 👍.png", "", " ", "\u3000", "a\0", "\t", 7, None)  # fmt: skip
CHECKSUMS = (None, "", "abc", 'q"', "a\0", 5)
KEYS: tuple[Any, ...] = (
    *(PREFIX + name for name in sorted(NAMES)), f"{PREFIX}nothing.pdf", PREFIX, PREFIX[:-1], f"/{PREFIX}a.pdf",
    f"{PREFIX}/a.pdf", f"{PREFIX}a.pdf/", f"{PREFIX}b/../a.pdf", f"{PREFIX}./a.pdf", f"{PREFIX}A.pdf",
    f"{PREFIX}b//é b.pdf",
    f"FORMS/{FORM_ID}/a.pdf", f"forms/{FORM_ID.upper()}/a.pdf", f" {PREFIX}a.pdf", "a.pdf", "", " ", None, 5, {}, "\0",
)  # fmt: skip
PATHS = (
    f"{PREFIX}a.pdf", f"{PREFIX}b/%C3%A9%20b.pdf", f"{PREFIX}%2e%2e/a.pdf", f"{PREFIX}%252e", f"{PREFIX}%2E",
    f"/{PREFIX}a.pdf",
    f"{PREFIX}a%zz", f"{PREFIX}%ff", f"{PREFIX}%00", f"{PREFIX}%3F.png", "",
)  # fmt: skip
QUERIES = ("", "?X-Amz-Signature=00ff&b=1", "?", "#part", '?a="b')
SEPARATORS = ((",", ":"), (", ", ": "), ("\n,\t", " : "))

_places = st.sampled_from(
    [f"https://artifacts.{host}/" for host in AWS_HOSTS]
    + [f"https://{host}/artifacts/" for host in AWS_HOSTS]
    + [
        "http://artifacts.s3.amazonaws.com:80/",
        "HTTPS://Artifacts.S3.Amazonaws.com/",
        "https://others.s3.amazonaws.com/",
        "https://s3.amazonaws.com/others/",
        "https://artifacts.example.org/",
        "https://s3.amazonaws.com/artifacts",
        "https://u@artifacts.s3.amazonaws.com/",
        "ftp://artifacts.s3.amazonaws.com/",
        "s3://artifacts/",
        "",
        "https://artifacts.s3.amazonaws.com:8443/",
        "https://artifacts.s3.amazonaws.com",
        "//artifacts.s3.amazonaws.com/",
        " ",
    ]
)
urls = st.builds(lambda *parts: "".join(parts), _places, st.sampled_from(PATHS), st.sampled_from(QUERIES))

configs = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "allowedTypes": st.sampled_from((None, [], ["image/*"], ["*/*"], ["Application/PDF", "image/png"])),
            "maxSizeBytes": st.sampled_from((None, 0, 118, 118.5, 1e12)),
            "maxFiles": st.just(3),
        },
    ),
)


@st.composite
def good_files(draw: st.DrawFn) -> str:
    """All in one layout, now and then with a checksum."""
    document = _good(draw)
    if draw(st.integers(0, 5)) == 0:
        document["checksum"] = "abc"
    return json.dumps(document)


@st.composite
def odd_files(draw: st.DrawFn) -> str:
    document = _good(draw)
    changes = st.fixed_dictionaries(
        {},
        optional={
            "fileName": st.sampled_from(FILE_NAMES), "mimeType": st.sampled_from(TYPES),
            "sizeBytes": st.sampled_from(SIZES),
            "size": st.sampled_from(SIZES), "checksum": st.sampled_from(CHECKSUMS), "storageKey": st.sampled_from(KEYS),
            "artifactKey": st.sampled_from(KEYS), "signedUrl": urls, "url": urls,
            "note": st.sampled_from((None, True, 1.5, {"a": ["?"]}, '"', "\\u003fa", "\ud800")),
        },
    )  # fmt: skip
    document |= draw(changes)
    members = [(name, value) for name, value in document.items() if value is not None or draw(st.booleans())]
    if draw(st.booleans()):
        members = draw(st.permutations(members))
    comma, colon = draw(st.sampled_from(SEPARATORS))
    ascii_only = draw(st.booleans()) or "\ud800" in dict(members).values()
    written = [json.dumps(name) + colon + json.dumps(value, ensure_ascii=ascii_only) for name, value in members]
    if draw(st.integers(0, 9)) == 0 and written:
        written.append(draw(st.sampled_from(written)))  # a member that is there twice
    cell = "{" + comma.join(written) + "}"
    return draw(
        st.sampled_from(
            (cell, cell, cell, cell, f"[{cell}]", f"[{cell},{cell}]", f"{cell}, {cell}", f"{cell};{cell}", cell[1:])
        )
    )


odd_file_cells = st.one_of(padded(odd_files()), padded(odd_files()), damaged(good_files()), odd_text)


def _good(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "fileName": draw(st.sampled_from(("a.pdf", "é.png", "b c.gif"))),
        "mimeType": draw(st.sampled_from(DEFAULT_TYPES[:3])),
        "sizeBytes": draw(st.sampled_from((0, 118, 5_000))),
        "storageKey": draw(st.sampled_from([PREFIX + name for name in ("a.pdf", "b/é b.pdf", "a..b")])),
    }


_CHANGES: tuple[dict[str, Any], ...] = (
    {},
    *({"storageKey": key} for key in KEYS),
    *({"sizeBytes": size} for size in SIZES),
    *({"mimeType": kind} for kind in TYPES),
    *({"fileName": name} for name in FILE_NAMES),
    *({"checksum": checksum} for checksum in CHECKSUMS),
    *({"storageKey": None, "url": f"https://artifacts.s3.amazonaws.com/{path}?X=1"} for path in PATHS),
)
_PLAIN = {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeBytes": 118, "storageKey": f"{PREFIX}a.pdf"}
SPECIAL_FILES = (
    *(json.dumps(_PLAIN | changes) for changes in _CHANGES),
    *("[]", "{}", "null", "5", '"x"', "{", "NaN", "{},{}", '{"fileName": NaN}'),
)
"""One for each oddity alone, and what is no file at all."""
