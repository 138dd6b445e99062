"""Kinds of refusals, and the kind of each code of AWS's; decided here, code by code, and nowhere else.

Sources, beside each call's own list of errors (RunTask, SendMessage ...):

- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html (of every service but S3)
- https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
- https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (those of KMS)
- https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (what AWS's own clients try again)
"""

from enum import StrEnum


class RefusalKind(StrEnum):
    """Why a call was refused, or was not answered."""

    UNREACHABLE = "unreachable"
    """No answer: no connection, broken off, or silent for too long."""
    UNAVAILABLE = "unavailable"
    """The service itself is in trouble, or another call is in the way of this one."""
    THROTTLED = "throttled"
    """Too many calls, or no capacity just now."""
    EXPIRED = "expired"
    """The credentials were good until a moment ago. Those of a role are renewed while the process runs."""
    CREDENTIALS_UNREACHABLE = "credentials_unreachable"
    """The provider of credentials did not answer this time."""
    CLOCK = "clock"
    """The request's date is too old or too new: a clock that will be set, or a machine that was paused."""
    UNKNOWN = "unknown"
    """A code that is in no list here. It counts as transient: a needless retry costs a minute, a job that is given up
    without need costs the job."""
    NO_CREDENTIALS = "no_credentials"
    INVALID_CREDENTIALS = "invalid_credentials"
    DENIED = "denied"
    """The identity is fine but lacks a permission."""
    MISSING = "missing"
    OTHER_REGION = "other_region"
    INVALID = "invalid"
    """The call, or a setting that it was made with, is wrong."""


TRANSIENT = frozenset(
    {
        RefusalKind.UNREACHABLE,
        RefusalKind.UNAVAILABLE,
        RefusalKind.THROTTLED,
        RefusalKind.EXPIRED,
        RefusalKind.CREDENTIALS_UNREACHABLE,
        RefusalKind.CLOCK,
        RefusalKind.UNKNOWN,
    }
)
"""A call that is refused for one of these may succeed later without any change."""

_CODES = {
    RefusalKind.UNAVAILABLE: "InternalError InternalFailure InternalServerError ServerException ServiceUnavailable"
    " RequestTimeout RequestTimeoutException PriorRequestNotComplete OperationAborted ConditionalRequestConflict"
    " ConflictException QueueDeletedRecently PurgeQueueInProgress"
    # A multipart upload that was ended by another: the next try begins a new one.
    " NoSuchUpload"
    # A message that came back to the queue meanwhile: it is received again, with a new receipt.
    " ReceiptHandleIsInvalid MessageNotInflight 500 502 503 504",
    RefusalKind.THROTTLED: "Throttling ThrottlingException ThrottledException RequestThrottled"
    " RequestThrottledException TooManyRequestsException RequestLimitExceeded"
    " BandwidthLimitExceeded LimitExceededException SlowDown OverLimit"
    " KmsThrottled KmsThrottling 429",
    RefusalKind.EXPIRED: "ExpiredToken ExpiredTokenException TokenRefreshRequired",
    RefusalKind.CLOCK: "RequestTimeTooSkewed RequestExpired RequestInTheFuture",
    RefusalKind.INVALID_CREDENTIALS: "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException AuthFailure"
    " InvalidToken SignatureDoesNotMatch InvalidSignatureException IncompleteSignature MissingAuthenticationToken"
    " MissingAuthenticationTokenException 401",
    RefusalKind.DENIED: "AccessDenied AccessDeniedException AccessDeniedFault Forbidden 403 NotAuthorized"
    " UnauthorizedOperation AllAccessDisabled AccountProblem BlockedException OptInRequired KmsAccessDenied",
    RefusalKind.MISSING: "NonExistentQueue QueueDoesNotExist InvalidAddress NoSuchBucket NoSuchKey 404"
    " ClusterNotFoundException TaskDefinitionNotFoundException ResourceNotFoundException",
    RefusalKind.OTHER_REGION: "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException 301",
    RefusalKind.INVALID: "ClientException InvalidParameterException InvalidParameterValue InvalidParameterCombination"
    " MissingParameter ValidationError ValidationException MalformedQueryString InvalidAction InvalidBucketName"
    " PlatformTaskDefinitionIncompatibilityException PlatformUnknownException UnsupportedFeatureException"
    " UnsupportedOperation InvalidSecurity InvalidMessageContents"
    " KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired",
}
KINDS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
"""By AWS's code without the service's name before it, or by HTTP status."""

EXCEPTIONS: dict[str, RefusalKind] = {
    # botocore's, made without an answer of AWS's
    "ConnectionError": RefusalKind.UNREACHABLE,
    "HTTPClientError": RefusalKind.UNREACHABLE,
    "IncompleteReadError": RefusalKind.UNREACHABLE,
    "NoCredentialsError": RefusalKind.NO_CREDENTIALS,
    "PartialCredentialsError": RefusalKind.NO_CREDENTIALS,
    "NoAuthTokenError": RefusalKind.NO_CREDENTIALS,
    "CredentialRetrievalError": RefusalKind.CREDENTIALS_UNREACHABLE,
    "MetadataRetrievalError": RefusalKind.CREDENTIALS_UNREACHABLE,
    "TokenRetrievalError": RefusalKind.CREDENTIALS_UNREACHABLE,
    # A person must sign in again.
    "SSOError": RefusalKind.INVALID_CREDENTIALS,
    "LoginError": RefusalKind.INVALID_CREDENTIALS,
    "RefreshWithMFAUnsupportedError": RefusalKind.INVALID_CREDENTIALS,
    "BaseEndpointResolverError": RefusalKind.INVALID,
    "ConfigNotFound": RefusalKind.INVALID,
    "ConfigParseError": RefusalKind.INVALID,
    "EndpointProviderError": RefusalKind.INVALID,
    "InvalidConfigError": RefusalKind.INVALID,
    "InvalidDNSNameError": RefusalKind.INVALID,
    "InvalidRetryConfigurationError": RefusalKind.INVALID,
    "MissingDependencyException": RefusalKind.INVALID,
    "ParamValidationError": RefusalKind.INVALID,
    "ProfileNotFound": RefusalKind.INVALID,
    "UnknownRegionError": RefusalKind.INVALID,
    "ValidationError": RefusalKind.INVALID,
    "ValueError": RefusalKind.INVALID,  # botocore's error for an endpoint or a queue's address that is no URL
    # obstore's, where the answer had no code
    "NotFoundError": RefusalKind.MISSING,
    "FileNotFoundError": RefusalKind.MISSING,
    "PermissionDeniedError": RefusalKind.DENIED,
    "UnauthenticatedError": RefusalKind.CREDENTIALS_UNREACHABLE,  # the provider failed; a 401 of AWS's has a status
    "GenericError": RefusalKind.UNREACHABLE,
}
"""By the name of the exception or of a class above it, the nearest first."""
