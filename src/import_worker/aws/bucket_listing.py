"""The keys below a prefix of a bucket, to the letter."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from import_worker.errors import ObjectStoreUnavailable, UsageError

_FORBIDDEN = frozenset({"AccessDenied", "403", "Forbidden"})


def list_names(client: Any, bucket: str, prefix: str) -> Iterator[list[str]]:
    """The rest of each key behind ``prefix``, a page of at most 1,000 at a time; ``client`` is boto3's.

    Raises UsageError (no permission, no bucket), or ObjectStoreUnavailable (a retry may help).
    """
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield [entry["Key"].removeprefix(prefix) for entry in page.get("Contents", ())]
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        if code in _FORBIDDEN:
            raise UsageError(
                f"No permission to see which files lie under s3://{bucket}/{prefix}; allow s3:ListBucket on"
                f" arn:aws:s3:::{bucket} where s3:prefix is like {prefix}*."
            ) from error
        if code == "NoSuchBucket":
            raise UsageError(f"There is no bucket {bucket}; check SIN_ARTIFACTS_BUCKET.") from error
        raise _unavailable(bucket, prefix, code) from error
    except BotoCoreError as error:
        raise _unavailable(bucket, prefix, type(error).__name__) from error


def _unavailable(bucket: str, prefix: str, why: str) -> ObjectStoreUnavailable:
    return ObjectStoreUnavailable(f"The files under s3://{bucket}/{prefix} could not be listed ({why}); try again.")
