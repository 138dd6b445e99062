"""Which errors of botocore's pass, code by code: the errors are botocore's own, made as its parsers make them."""

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.retries import standard

from import_worker.aws.kinds import KINDS, TRANSIENT, Kind
from import_worker.aws.refusals import TerminalRefusal, TransientRefusal, refusal_of

retries: Any = standard  # which says of its lists only that they are private


def answered(code: str, said: str = "", status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "RunTask")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("ThrottlingException"), Kind.THROTTLED),
        (answered("OverLimit"), Kind.THROTTLED),
        (answered("TooMany", status=429), Kind.THROTTLED),
        (answered("ServerException", status=500), Kind.UNAVAILABLE),
        (answered("Whatever", status=503), Kind.UNAVAILABLE),
        (answered("ReceiptHandleIsInvalid"), Kind.UNAVAILABLE),
        (answered("ExpiredTokenException"), Kind.EXPIRED),
        (answered("InvalidSignatureException", "Signature expired: 1 is now earlier than 2"), Kind.CLOCK),
        (answered("ClientException", "Capacity is unavailable at this time"), Kind.THROTTLED),
        (answered("KMS.ThrottlingException"), Kind.THROTTLED),
        (answered("Whatever"), Kind.UNKNOWN),
        (boto.EndpointConnectionError(endpoint_url="http://nowhere"), Kind.UNREACHABLE),
        (boto.ReadTimeoutError(endpoint_url="http://nowhere"), Kind.UNREACHABLE),
        (boto.CredentialRetrievalError(provider="container-role", error_msg="timed out"), Kind.CREDENTIALS_UNREACHABLE),
    ],
)
def test_what_passes(error: Exception, kind: Kind) -> None:
    refusal = refusal_of(error)
    assert isinstance(refusal, TransientRefusal)
    assert refusal.kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("AccessDeniedException", "arn:aws:iam::1:role/rate-limited is not authorized"), Kind.DENIED),
        (answered("Whatever", status=403), Kind.DENIED),
        (answered("KMS.AccessDeniedException"), Kind.DENIED),
        (answered("AWS.SimpleQueueService.NonExistentQueue"), Kind.MISSING),
        (answered("QueueDoesNotExist"), Kind.MISSING),
        (answered("ClusterNotFoundException"), Kind.MISSING),
        (answered("404", status=404), Kind.MISSING),
        (answered("UnrecognizedClientException"), Kind.INVALID_CREDENTIALS),
        (answered("InvalidSignatureException", "does not match the signature you provided"), Kind.INVALID_CREDENTIALS),
        (answered("PermanentRedirect", status=301), Kind.OTHER_REGION),
        (answered("ClientException", "TaskDefinition is inactive"), Kind.INVALID),
        (boto.NoCredentialsError(), Kind.NO_CREDENTIALS),
        (boto.ProfileNotFound(profile="nowhere"), Kind.INVALID),
        (boto.ParamValidationError(report="QueueUrl is none"), Kind.INVALID),
        (boto.UnauthorizedSSOTokenError(), Kind.INVALID_CREDENTIALS),
        (ValueError("Invalid endpoint: launch"), Kind.INVALID),
    ],
)
def test_what_somebody_must_mend(error: Exception, kind: Kind) -> None:
    refusal = refusal_of(error)
    assert isinstance(refusal, TerminalRefusal)
    assert refusal.kind is kind
    assert refusal.cure


def test_aws_words_are_kept_for_whoever_quotes_them() -> None:
    refusal = refusal_of(answered("ClientException", "TaskDefinition is inactive"))
    assert (refusal.code, refusal.said, refusal.operation) == (
        "ClientException",
        "TaskDefinition is inactive",
        "RunTask",
    )
    assert refusal_of(answered("ExpiredToken")).brief == "ExpiredToken: the credentials have expired"
    assert refusal_of(boto.ReadTimeoutError(endpoint_url="http://nowhere")).brief == "ReadTimeoutError"


def test_what_botocore_itself_tries_again_is_transient() -> None:
    """Its lists are made by AWS, and grow."""
    codes = {*retries.ThrottledRetryableChecker._THROTTLED_ERROR_CODES}
    codes |= {*retries.TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    assert len(codes) > 10
    assert {code for code in codes if KINDS.get(code, Kind.UNKNOWN) not in TRANSIENT} == set()
