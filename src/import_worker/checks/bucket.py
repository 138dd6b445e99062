"""Checking the place of files and reports, a bucket or a folder: writing and reading as an import does.

One small object stays in a bucket, always under the same key, because the worker may not delete.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from import_worker.aws import clients
from import_worker.aws.refusals import boto_errors
from import_worker.checks.answers import NO_PERMISSION, answer_of
from import_worker.checks.check import Check, State, failed, info, ok, skipped, warning
from import_worker.checks.identity import CALL_SECONDS
from import_worker.errors import ImportWorkerError
from import_worker.objects import ObjectChanged, ObjectMissing, ObjectStore

PROBE_KEY = "imports/.doctor/probe"
PROBE = (
    b"Written by `import-worker doctor` to see whether it may. It is always this one object; delete it if you like.\n"
)
ABSENT_KEY = "imports/.doctor/never-there"
LOW_SPACE_BYTES = 1 << 30

_BUCKET, _WRITE, _READ = "bucket: there", "bucket: write", "bucket: read"
_NAMES = (_BUCKET, _WRITE, _READ)


def check_bucket(url: str, *, used: bool = True) -> Iterator[Check]:
    """``url`` as in ``ObjectStore.open``. ``used``: False for a process that may lack the permissions, because it
    only starts others that use the place."""
    for check in _check_place(url):
        if not used and check.state is State.FAILED and check.found.startswith(NO_PERMISSION):
            yield info(check.name, f"{check.found}; `dispatch` with ECS does not need it, the task's role does")
        else:
            yield check


def _check_place(url: str) -> Iterator[Check]:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        yield from _check_folder(url, Path(url2pathname(parts.path)))
    elif parts.scheme == "s3" and parts.netloc:
        yield from _check_s3(url, parts.netloc, parts.path.strip("/"))
    else:
        yield failed(
            _BUCKET,
            f"SIN_ARTIFACTS_BUCKET is {url!r}",
            "Set SIN_ARTIFACTS_BUCKET to a bucket's name, s3://bucket/prefix or file:///folder.",
        )


def _check_folder(url: str, folder: Path) -> Iterator[Check]:
    cure = f"Make {folder} a folder that this user may write to, or name another in SIN_ARTIFACTS_BUCKET."
    try:
        store = ObjectStore.open(url)
        free = shutil.disk_usage(folder).free
    except Exception as error:  # noqa: BLE001  (obstore raises its own types)
        yield failed(_BUCKET, f"the folder {folder} cannot be used ({type(error).__name__})", cure)
        yield from (skipped(name, "the folder cannot be used") for name in _NAMES[1:])
        return
    if free < LOW_SPACE_BYTES:
        yield warning(_BUCKET, f"the folder {folder} has {free >> 20:,} MiB left", "Free some space.")
    else:
        yield ok(_BUCKET, f"the folder {folder}")
    written = False
    try:
        store.put(PROBE_KEY, [PROBE])
        written = True
        yield ok(_WRITE, f"{PROBE_KEY} written")
    except ImportWorkerError as error:
        yield failed(_WRITE, str(error), cure)
    yield _check_read(store, cure, written=written)
    (folder / PROBE_KEY).unlink(missing_ok=True)


def _check_s3(url: str, bucket: str, prefix: str) -> Iterator[Check]:
    resource = f"arn:aws:s3:::{bucket}/{prefix}{'/' if prefix else ''}imports/*"
    client = clients.make_client("s3", read_timeout=CALL_SECONDS, attempts=1)
    exists = _check_exists(client, bucket)
    yield exists
    if exists.state == "failed":
        yield from (skipped(name, "the bucket cannot be used") for name in _NAMES[1:])
        return
    key = f"{prefix}/{PROBE_KEY}" if prefix else PROBE_KEY
    written = False
    try:
        client.put_object(Bucket=bucket, Key=key, Body=PROBE)
        written = True
        yield ok(_WRITE, f"{PROBE_KEY} written")
    except boto_errors() as error:
        answer = answer_of(error, "s3:PutObject", resource)
        yield failed(_WRITE, answer.found, answer.cure)
    try:
        client.get_object(Bucket=bucket, Key=key)
    except boto_errors() as error:
        answer = answer_of(error, "s3:GetObject", resource)
        if answer.refusal.code == "NoSuchKey":
            yield skipped(_READ, "nothing could be written that could be read")
        else:
            yield failed(_READ, answer.found, answer.cure)
        return
    yield _check_read(ObjectStore.open(url), f"Allow s3:GetObject and s3:PutObject on {resource}.", written=written)
    yield from _check_absence(client, bucket, f"{prefix}/{ABSENT_KEY}" if prefix else ABSENT_KEY)


def _check_exists(client: Any, bucket: str) -> Check:
    """Sends HeadBucket: even if that is forbidden, S3 says whether the bucket is there, and in which region."""
    region = client.meta.region_name
    try:
        headers = client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    except boto_errors() as error:
        answer = answer_of(error, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
        if answer.missing:
            return failed(
                _BUCKET,
                f"there is no bucket {bucket}",
                f"Create it, or name another in SIN_ARTIFACTS_BUCKET: {bucket}.",
            )
        status, headers = _find_head(error)
        if status not in (301, 400, 403):
            return failed(_BUCKET, answer.found, answer.cure)
    bucket_region = headers.get("x-amz-bucket-region")
    if bucket_region and bucket_region != region:
        return failed(
            _BUCKET,
            f"the bucket {bucket} is in {bucket_region}, not in {region}",
            f"Set AWS_REGION to {bucket_region}.",
        )
    return ok(_BUCKET, f"{bucket} in {bucket_region or region}")


def _check_read(store: ObjectStore, cure: str, *, written: bool) -> Check:
    """Reads as an import does: a range of one version of an object, and no byte of another version."""
    trouble = _check_range(store, cure, written=written)
    if trouble is not None:
        return trouble
    try:
        store.read_range(PROBE_KEY, '"another-version"', 0, 1)
    except ObjectChanged:
        return ok(_READ, "ranges of one version of an object, as an import reads them")
    except ImportWorkerError as error:
        return failed(_READ, str(error), cure)
    return failed(
        _READ,
        "If-Match is not honoured: a file replaced during an import would not be noticed",
        "Use S3, or a store that honours conditional reads.",
    )


def _check_range(store: ObjectStore, cure: str, *, written: bool) -> Check | None:
    try:
        probe = store.head(PROBE_KEY)
        whole = store.read_range(PROBE_KEY, probe.etag, 0, probe.size)
        part = store.read_range(PROBE_KEY, probe.etag, 1, min(3, probe.size))
    except ObjectMissing:
        return skipped(_READ, "nothing could be written that could be read")
    except ImportWorkerError as error:
        return failed(_READ, str(error), cure)
    except ObjectChanged:
        return failed(
            _READ, "a read of the object's own version (If-Match) is refused", "Use a store that honours If-Match."
        )
    if written and whole != PROBE:
        return failed(_READ, "a read gives other bytes than were written", "Use a store that keeps what it is given.")
    if part != whole[1:3]:
        return failed(_READ, "a ranged read gives other bytes", "Use a store that honours Range.")
    return None


def _check_absence(client: Any, bucket: str, key: str) -> Iterator[Check]:
    try:
        client.head_object(Bucket=bucket, Key=key)
    except boto_errors() as error:
        if _find_head(error)[0] == 403:
            yield info(
                "bucket: missing files",
                "S3 does not tell a missing file from a forbidden one without s3:ListBucket",
                f"If jobs should say `source_file_missing`, allow s3:ListBucket on arn:aws:s3:::{bucket}.",
            )
        # The checks before this one have found any other trouble.


def _find_head(error: Exception) -> tuple[int | None, dict[str, str]]:
    """Status and headers of the answer; None and nothing if there was none."""
    response: Any = getattr(error, "response", None) or {}
    metadata = response.get("ResponseMetadata", {})
    return metadata.get("HTTPStatusCode"), metadata.get("HTTPHeaders", {})
