"""Which errors of botocore's pass, code by code: the errors are botocore's own, made as its parsers make them."""

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError
from botocore.retries import standard

from import_worker.aws.kinds import KINDS, TRANSIENT, RefusalKind
from import_worker.aws.refusals import TerminalRefusal, TransientRefusal, refusal_of

retries: Any = standard  # which says of its lists only that they are private


def answered(code: str, aws_message: str = "", status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": aws_message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "RunTask")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("ThrottlingException"), RefusalKind.THROTTLED),
        (answered("OverLimit"), RefusalKind.THROTTLED),
        (answered("TooMany", status=429), RefusalKind.THROTTLED),
        (answered("ServerException", status=500), RefusalKind.UNAVAILABLE),
        (answered("Whatever", status=503), RefusalKind.UNAVAILABLE),
        (answered("ReceiptHandleIsInvalid"), RefusalKind.UNAVAILABLE),
        (answered("ExpiredTokenException"), RefusalKind.EXPIRED),
        (answered("InvalidSignatureException", "Signature expired: 1 is now earlier than 2"), RefusalKind.CLOCK),
        (answered("ClientException", "Capacity is unavailable at this time"), RefusalKind.THROTTLED),
        (answered("KMS.ThrottlingException"), RefusalKind.THROTTLED),
        (answered("Whatever"), RefusalKind.UNKNOWN),
        (boto.EndpointConnectionError(endpoint_url="http://nowhere"), RefusalKind.UNREACHABLE),
        (boto.ReadTimeoutError(endpoint_url="http://nowhere"), RefusalKind.UNREACHABLE),
        (
            boto.CredentialRetrievalError(provider="container-role", error_msg="timed out"),
            RefusalKind.CREDENTIALS_UNREACHABLE,
        ),
    ],
)
def test_what_passes(error: Exception, kind: RefusalKind) -> None:
    refusal = refusal_of(error)
    assert isinstance(refusal, TransientRefusal)
    assert refusal.kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("AccessDeniedException", "arn:aws:iam::1:role/rate-limited is not authorized"), RefusalKind.DENIED),
        (answered("Whatever", status=403), RefusalKind.DENIED),
        (answered("KMS.AccessDeniedException"), RefusalKind.DENIED),
        (answered("AWS.SimpleQueueService.NonExistentQueue"), RefusalKind.MISSING),
        (answered("QueueDoesNotExist"), RefusalKind.MISSING),
        (answered("ClusterNotFoundException"), RefusalKind.MISSING),
        (answered("404", status=404), RefusalKind.MISSING),
        (answered("UnrecognizedClientException"), RefusalKind.INVALID_CREDENTIALS),
        (
            answered("InvalidSignatureException", "does not match the signature you provided"),
            RefusalKind.INVALID_CREDENTIALS,
        ),
        (answered("PermanentRedirect", status=301), RefusalKind.OTHER_REGION),
        (answered("ClientException", "TaskDefinition is inactive"), RefusalKind.INVALID),
        (boto.NoCredentialsError(), RefusalKind.NO_CREDENTIALS),
        (boto.ProfileNotFound(profile="nowhere"), RefusalKind.INVALID),
        (boto.ParamValidationError(report="QueueUrl is none"), RefusalKind.INVALID),
        (boto.UnauthorizedSSOTokenError(), RefusalKind.INVALID_CREDENTIALS),
        (ValueError("Invalid endpoint: launch"), RefusalKind.INVALID),
    ],
)
def test_what_somebody_must_mend(error: Exception, kind: RefusalKind) -> None:
    refusal = refusal_of(error)
    assert isinstance(refusal, TerminalRefusal)
    assert refusal.kind is kind
    assert refusal.cure


def test_aws_words_are_kept_for_whoever_quotes_them() -> None:
    refusal = refusal_of(answered("ClientException", "TaskDefinition is inactive"))
    assert (refusal.code, refusal.aws_message, refusal.operation) == (
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
    assert {code for code in codes if KINDS.get(code, RefusalKind.UNKNOWN) not in TRANSIENT} == set()
