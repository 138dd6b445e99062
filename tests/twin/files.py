"""File fields: a cell that describes an object of the artifacts bucket."""

import json
from typing import Any, NamedTuple

from .text import trim
from .type_failure import TypeFailure

ARTIFACTS_BUCKET = "artifacts"
FORM_ID = "2f1d6a0e-3c1b-4a5f-9d52-0c6b7a8e9f10"
PREFIX = f"forms/{FORM_ID}/"
NAMES = frozenset({"a.pdf", "b/é b.pdf", 'q"uote\\.pdf', "a..b", ".hidden", "%2e", "?.png", " "})
"""The objects that there are below the form's prefix."""

AWS_HOSTS = (
    "s3.amazonaws.com",
    "s3.ca-central-1.amazonaws.com",
    "s3-ca-central-1.amazonaws.com",
    "s3.dualstack.ca-central-1.amazonaws.com",
    "s3-accelerate.amazonaws.com",
)
DEFAULT_TYPES = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
MAX_INT4 = 2_147_483_647
MAX_DEPTH = 200


class StoredFile(NamedTuple):
    checksum: str
    name: str
    kind: str
    size: int
    key: str

    def json(self) -> str:
        members = {
            "checksum": self.checksum,
            "fileName": self.name,
            "mimeType": self.kind,
            "sizeBytes": self.size,
            "storageKey": self.key,
        }
        if not self.checksum:
            del members["checksum"]
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def read_file(field: dict[str, Any], cell: str) -> StoredFile | TypeFailure:
    document = _parsed(trim(cell))
    if isinstance(document, list) or (document is None and _several(trim(cell))):
        return TypeFailure("multi_file_not_supported", "More than one file; the field takes one")
    size = None
    if isinstance(document, dict):
        size = document.get("size") if document.get("sizeBytes") is None else document["sizeBytes"]
    if not isinstance(document, dict) or not _describes(document) or size is None:
        return TypeFailure("invalid_file_payload", "Not a JSON object with fileName, mimeType and sizeBytes")
    key = _key(document)
    if isinstance(key, TypeFailure):
        return key
    return _judged(field, document, size, key)


def _judged(field: dict[str, Any], document: dict[str, Any], size: Any, key: str) -> StoredFile | TypeFailure:
    config = field.get("fileConfig") or {}
    types, limit = config.get("allowedTypes"), config.get("maxSizeBytes")
    types = [kind.lower() for kind in (DEFAULT_TYPES if types is None else types)]
    limit = min(10_485_760 if limit is None else int(limit), MAX_INT4)
    if isinstance(size, bool) or not isinstance(size, int | float) or size < 0 or size % 1 != 0:
        return TypeFailure("validation", "The file's size is not a whole number of bytes")
    if types and not any(_is_of(document["mimeType"].lower(), kind) for kind in types):
        return TypeFailure("validation", f"The file's type is not allowed ({', '.join(types)})")
    if size > limit:
        return TypeFailure("validation", f"The file is larger than {limit:,} bytes")
    if key[: len(PREFIX)] != PREFIX or any(part in {"", ".", ".."} for part in key[len(PREFIX) :].split("/")):
        return TypeFailure("validation", f"The file's key is not under {PREFIX}")
    if key[len(PREFIX) :] not in NAMES:
        return TypeFailure("validation", "There is no such file in the artifacts bucket")
    checksum = document.get("checksum") or ""
    return StoredFile(checksum, document["fileName"], document["mimeType"], int(size), key)


def without_queries(cell: str) -> str:
    """The cell as errors show it: what follows a question mark is left out up to a quote or white space."""
    shown, place = "", 0
    while place < len(cell):
        mark = 1 if cell[place] == "?" else 6 if cell[place : place + 6].lower() == "\\u003f" else 0
        if mark and (mark == 1 or cell[place : place + 2] == "\\u"):
            place += mark
            while place < len(cell) and cell[place] != '"' and trim(cell[place]):
                place += 1
            shown += "?…"
        else:
            shown += cell[place]
            place += 1
    return shown


def _is_of(kind: str, allowed: str) -> bool:
    if allowed == "*/*":
        return True
    return kind.startswith(allowed[:-1]) if allowed.endswith("/*") else kind == allowed


def _parsed(text: str) -> Any:
    """What JSON makes of the text; None if it is none."""
    try:
        document = json.loads(text, parse_constant=_refuse)
        written = json.dumps(document, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in written) else document


def _refuse(name: str) -> None:
    raise ValueError(name)


def _several(text: str) -> bool:
    documents = _parsed(f"[{text}]")
    return isinstance(documents, list) and len(documents) > 1 and all(isinstance(each, dict) for each in documents)


def _describes(document: dict[str, Any]) -> bool:
    texts = all(_is_text(document.get(name)) and trim(document[name]) for name in ("fileName", "mimeType"))
    checksum = document.get("checksum")
    return texts and (checksum is None or _is_text(checksum))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _key(document: dict[str, Any]) -> str | TypeFailure:
    bad = TypeFailure("invalid_file_reference", "Not a key or a URL of the artifacts bucket")
    for member in ("storageKey", "artifactKey", "signedUrl", "url"):
        value = document.get(member)
        if value is None or (isinstance(value, str) and not trim(value)):
            continue
        if not _is_text(value):
            return bad
        key = value if member in {"storageKey", "artifactKey"} else _key_of_url(value)
        return bad if key is None or "\0" in key else key
    return TypeFailure("missing_file_reference", "No storageKey, artifactKey, signedUrl or url")


def _key_of_url(url: str) -> str | None:
    if any(character <= " " or character == "\x7f" for character in url):
        return None
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return None
    rest = rest.partition("?")[0].partition("#")[0]
    host, slash, path = rest.partition("/")
    host = host.lower().removesuffix(":443" if scheme.lower() == "https" else ":80")
    decoded = _percent_decoded(path)
    if not slash or decoded is None:
        return None
    if host in {f"{ARTIFACTS_BUCKET}.{aws}" for aws in AWS_HOSTS}:
        return decoded
    bucket, slash, key = decoded.partition("/")
    return key if host in AWS_HOSTS and bucket == ARTIFACTS_BUCKET and slash else None


def _percent_decoded(path: str) -> str | None:
    data, place = b"", 0
    digits = "0123456789abcdefABCDEF"
    while place < len(path):
        code = path[place + 1 : place + 3]
        if path[place] == "%" and len(code) == 2 and all(digit in digits for digit in code):
            data += bytes([int(code, 16)])
            place += 3
        else:
            data += path[place].encode()
            place += 1
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
