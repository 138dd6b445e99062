"""Where the files of a form are stored: which keys are the form's own, and which URLs lead to them. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

import polars as pl

_AWS_HOST = r"s3(?:-fips)?(?:\.dualstack)?(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
"""Regional, dual-stack, accelerated and the old global host. A bucket's name means the same bucket in every region.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"""
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f]")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ArtifactsAddress:
    """The artifacts bucket or folder, and the URLs that lead into it.

    ``url`` is ``s3://bucket/prefix`` or ``file:///folder``; ``endpoint`` the URL of an S3 server that is not AWS.
    """

    url: str
    endpoint: str | None = None

    def key_of(self, url: str) -> str | None:
        """The key, relative to the prefix, of the object that ``url`` leads to; None if it leads to no object here.

        The path is percent-decoded once. The query, which holds the signature, is ignored.
        """
        if _NOT_IN_A_URL.search(url):  # urlsplit would silently drop some of these characters
            return None
        try:
            parts = urlsplit(url)
            path = unquote(parts.path, errors="strict")
            root = self._root(parts)
        except ValueError:
            return None
        if root is None or parts.username is not None or not path.startswith(root):
            return None
        return path.removeprefix(root)

    def _root(self, url: SplitResult) -> str | None:
        """The prefix that the path of ``url`` must have; None if its host is not ours. Raises ValueError for a bad
        port."""
        place = urlsplit(self.url)
        if place.scheme == "file":
            return _folder(unquote(place.path)) if url.scheme == "file" and url.netloc in ("", "localhost") else None
        if url.scheme not in _PORTS or not url.hostname:
            return None
        bucket, prefix, host = place.netloc, place.path.strip("/"), url.hostname
        if self.endpoint is None:
            if (url.port or _PORTS[url.scheme]) != _PORTS[url.scheme]:
                return None
            in_path = re.fullmatch(_AWS_HOST, host)
            in_host = re.fullmatch(re.escape(bucket) + r"\." + _AWS_HOST, host)
        else:
            server = urlsplit(self.endpoint)
            if (url.port or _PORTS[url.scheme]) != (server.port or _PORTS.get(server.scheme)):
                return None
            in_path = re.fullmatch(re.escape(server.hostname or ""), host)
            in_host = re.fullmatch(re.escape(f"{bucket}.{server.hostname}"), host)
        if in_host:
            return _folder(f"/{prefix}")
        return _folder(f"/{bucket}/{prefix}") if in_path else None


@dataclass(frozen=True)
class FilePlace:
    """The files of one form, and which of them exist.

    ``present`` takes names below ``prefix`` (String, no nulls) and returns for each whether the object exists; it may
    raise what its owner raises.
    """

    form_id: str
    address: ArtifactsAddress
    present: Callable[[pl.Series], pl.Series]

    @property
    def prefix(self) -> str:
        return f"forms/{self.form_id}/"


def _folder(path: str) -> str:
    return path.rstrip("/") + "/"
