"""The object store: one small API over S3 and a local folder, so that both run the same code.

Built on obstore. Keys are relative to the store's prefix. Reads can be pinned to one version of an object by its ETag.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
import stamina
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import LocalStore, S3Store

from import_worker.artifacts import folder_of, locate
from import_worker.aws import clients
from import_worker.aws.kinds import RefusalKind
from import_worker.aws.refusals import AwsRefusal, TransientRefusal, http_status, refusal_of
from import_worker.errors import ObjectStoreUnavailable, UsageError

if TYPE_CHECKING:
    from obstore.store import S3Config

READ_BLOCK_BYTES = 4 * 1024 * 1024
PART_BYTES = 8 * 1024 * 1024
"""Multipart part size. S3 takes at most 10,000 parts, so an artifact can reach 80 GB.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""
REQUEST_TIMEOUT = timedelta(minutes=5)
READ_TIMEOUT = timedelta(seconds=10)
"""A response that brings no byte for this long counts as stalled; the request is made again."""
RETRY_TIMEOUT = timedelta(seconds=60)
CONNECT_TIMEOUT = timedelta(seconds=5)
LIST_PAGE = 1_000


class ObjectMissing(Exception):
    """There is no object with that key. No retry helps."""


class ObjectChanged(Exception):
    """The object is no longer the version that was asked for. No retry helps."""


@dataclass(frozen=True)
class ObjectInfo:
    """``size`` in bytes; ``etag`` names this version of the object."""

    size: int
    etag: str


class ObjectStore:
    """Objects below one prefix of a bucket or folder. Safe to share between threads.

    ``assumed``: no setting names this place; it is the default.
    """

    def __init__(self, store: S3Store | LocalStore, url: str, *, assumed: bool = False, client: Any = None) -> None:
        """``client``: boto3's S3 client where the store is a bucket."""
        self._store = store
        self._client = client
        self.url = url
        self.assumed = assumed

    @classmethod
    def open(cls, url: str, *, assumed: bool = False) -> "ObjectStore":
        """Opens ``s3://bucket/prefix`` or ``file:///folder`` (created if missing). Connects to nothing yet. Raises
        UsageError, or as ``clients.make_client``."""
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            return cls(LocalStore(folder_of(url), mkdir=True, automatic_cleanup=True), url, assumed=assumed)
        if parts.scheme == "s3" and parts.netloc:
            store, client = _open_s3(parts.netloc, parts.path.strip("/"))
            return cls(store, url, assumed=assumed, client=client)
        raise UsageError(
            f"SIN_ARTIFACTS_BUCKET is {url!r}; it must be a bucket name, s3://bucket/prefix or file:///folder."
        )

    def locate(self, key: str) -> str:
        """Where a person finds the object: a path for a local folder, an ``s3://`` URL otherwise."""
        return locate(self.url, key)

    @property
    def endpoint(self) -> str | None:
        """The URL of the S3 server; None for AWS, or a folder."""
        return None if self._client is None else _find_own_endpoint(self._client)

    def names_below(self, prefix: str) -> Iterator[list[str]]:
        """Yields the rest of each key that begins with ``prefix`` (which ends in a slash), page by page, in no order.

        Raises UsageError (no permission, no bucket), or ObjectStoreUnavailable (a retry may help).
        """
        if self._client is None:
            with self._translate_errors(prefix):
                for page in obstore.list(self._store, prefix=prefix, chunk_size=LIST_PAGE):
                    yield [entry["path"].removeprefix(prefix) for entry in page]
            return
        # Not with obstore: a key with two slashes side by side, which S3 allows, would end its listing.
        from import_worker.aws.bucket_listing import list_names  # noqa: PLC0415  (half a second that a folder need not wait)

        parts = urlsplit(self.url)
        yield from list_names(self._client, parts.netloc, f"{parts.path.strip('/')}/{prefix}".lstrip("/"))

    def head(self, key: str) -> ObjectInfo:
        """Raises ObjectMissing, ObjectStoreUnavailable (a retry may help) or UsageError (no permission, no bucket, no
        valid credentials, another region)."""
        with self._translate_errors(key):
            try:
                meta = obstore.head(self._store, key)
            except (BaseError, FileNotFoundError) as error:
                if http_status(error) is None:
                    raise
                # A HEAD has no body, and only the body says what was refused, and whether bucket or key is missing.
                meta = obstore.get(self._store, key).meta
        return ObjectInfo(size=meta["size"], etag=meta["e_tag"] or "")

    @stamina.retry(on=ObjectStoreUnavailable, attempts=4, wait_initial=0.2, wait_max=5.0, timeout=120.0)
    def read_range(self, key: str, etag: str, start: int, end: int) -> bytes:
        """Bytes ``start`` (from 0) to ``end`` (exclusive) of the version with that ETag; never fewer.

        A read that breaks off or comes back short is repeated here a few times. Raises ObjectMissing, ObjectChanged, or
        ObjectStoreUnavailable (a later retry may help).
        """
        if end <= start:
            return b""
        with self._translate_errors(key):
            result = obstore.get(self._store, key, options={"range": (start, end), "if_match": etag})
            data = bytes(result.bytes())
        if len(data) != end - start:
            raise ObjectStoreUnavailable(
                f"The object store gave {len(data):,} of the {end - start:,} bytes asked for of {key}; run"
                f" the job again."
            )
        return data

    def stream(self, key: str, info: ObjectInfo, block_bytes: int = READ_BLOCK_BYTES) -> Iterator[bytes]:
        """The whole of that version in blocks of ``block_bytes``; one block is read ahead. Errors as for
        ``read_range``.

        Ranged reads instead of one long response: a request's time limit then bounds a block, not the file, and a
        connection that breaks costs one block.
        """
        starts = range(0, info.size, block_bytes)
        with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
            ahead: Future[bytes] | None = None
            for start in starts:
                current = ahead or pool.submit(self._block, key, info, start, block_bytes)
                following = start + block_bytes
                ahead = pool.submit(self._block, key, info, following, block_bytes) if following < info.size else None
                yield current.result()

    def _block(self, key: str, info: ObjectInfo, start: int, length: int) -> bytes:
        return self.read_range(key, info.etag, start, min(start + length, info.size))

    def put(self, key: str, blocks: Iterable[bytes]) -> None:
        """Writes an object from a stream, whole or not at all, replacing one that is there.

        ``blocks`` may itself read from this store. Errors as for ``head``; those of ``blocks`` go through.
        """
        with self.writer(key) as write:
            for block in blocks:
                write(block)

    @contextmanager
    def writer(self, key: str) -> Iterator[Callable[[bytes], object]]:
        """As ``put``, for a caller that makes one block after the other: the object is there when the context ends, and
        is not written at all when an exception ends it."""
        with (
            self._translate_errors(key),
            obstore.open_writer(self._store, key, buffer_size=PART_BYTES, max_concurrency=2) as writer,
        ):
            yield writer.write

    def remove(self, key: str) -> None:
        """Removes an object. Errors as for ``head``; S3 reports no error for an object that is not there. The worker's
        own role lacks the permission."""
        with self._translate_errors(key):
            obstore.delete(self._store, key)

    @contextmanager
    def _translate_errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except PreconditionError as error:
            raise ObjectChanged(key) from error
        except (BaseError, OSError) as error:
            # An OSError of obstore's (its writer's, or FileNotFoundError) has no number. One with a number is the
            # operating system's, about the file from which the caller reads its blocks.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise self._wrap(refusal_of(error), key, _first_line(error)) from error

    def _wrap(self, refusal: AwsRefusal, key: str, message: str) -> ObjectMissing | UsageError | ObjectStoreUnavailable:
        """``message`` is the driver's own sentence."""
        if isinstance(refusal, TransientRefusal):
            if refusal.meaning is not None:
                return ObjectStoreUnavailable(
                    f"The object store at {self.url} refused {key} ({refusal.brief}); try again."
                )
            return ObjectStoreUnavailable(
                f"The object store at {self.url} did not answer for {key}; try again ({message})."
            )
        if refusal.code == "NoSuchBucket":
            return UsageError(f"There is no bucket at {self.url}; check SIN_ARTIFACTS_BUCKET.")
        if refusal.kind is RefusalKind.MISSING:
            return ObjectMissing(key)
        if refusal.kind is RefusalKind.DENIED:
            return UsageError(
                f"No permission to use {self.locate(key)}, or it does not exist; grant s3:GetObject and"
                f" s3:PutObject on it."
            )
        return UsageError(f"The object store at {self.url} cannot be used: {refusal.brief}. {refusal.cure}")


def _open_s3(bucket: str, prefix: str) -> tuple[S3Store, Any]:
    from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415

    session = clients.make_session()
    client = clients.make_client("s3", session)
    endpoint = _find_own_endpoint(client)
    config: S3Config = {"region": client.meta.region_name}
    if endpoint is not None:
        config |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    provider = Boto3CredentialProvider(session) if clients.has_credentials(session) else None
    if provider is None:
        config |= {"skip_signature": True}
    store = S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        credential_provider=provider,
        client_options={
            "allow_http": (endpoint or "").startswith("http://"),
            "timeout": REQUEST_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
        },
        retry_config={"max_retries": 5, "retry_timeout": RETRY_TIMEOUT},
    )
    return store, client


def _find_own_endpoint(client: Any) -> str | None:
    endpoint = str(client.meta.endpoint_url)
    return None if "amazonaws.com" in endpoint else endpoint


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
