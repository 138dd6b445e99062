"""Listing the keys below a prefix of a bucket, exactly as they are."""

from collections.abc import Iterator
from typing import Any

from import_worker.aws.kinds import RefusalKind
from import_worker.aws.refusals import AwsRefusal, TransientRefusal, boto_errors, refusal_of
from import_worker.errors import ObjectStoreUnavailable, UsageError


def list_names(client: Any, bucket: str, prefix: str) -> Iterator[list[str]]:
    """Yields the rest of each key after ``prefix``, in pages of at most 1,000; ``client`` is boto3's.

    Raises UsageError (no permission, no bucket, no valid credentials), or ObjectStoreUnavailable (a retry may help).
    """
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield [entry["Key"].removeprefix(prefix) for entry in page.get("Contents", ())]
    except boto_errors() as error:
        raise _wrap(refusal_of(error), bucket, prefix) from error


def _wrap(refusal: AwsRefusal, bucket: str, prefix: str) -> ObjectStoreUnavailable | UsageError:
    trouble = f"The files under s3://{bucket}/{prefix} could not be listed ({refusal.brief})"
    if isinstance(refusal, TransientRefusal):
        return ObjectStoreUnavailable(f"{trouble}; try again.")
    if refusal.kind is RefusalKind.DENIED:
        return UsageError(
            f"No permission to see which files lie under s3://{bucket}/{prefix}; allow s3:ListBucket on"
            f" arn:aws:s3:::{bucket} where s3:prefix is like {prefix}*."
        )
    if refusal.kind is RefusalKind.MISSING:
        return UsageError(f"There is no bucket {bucket}; check SIN_ARTIFACTS_BUCKET.")
    return UsageError(f"{trouble}. {refusal.cure}")
