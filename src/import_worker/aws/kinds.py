"""Kinds of refusals, and which code of AWS's is of which kind; decided here, code by code, and nowhere else.

Sources, beside each call's own list of errors (RunTask, SendMessage ...):

- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html (of every service but S3)
- https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
- https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (those of KMS)
- https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html (what AWS's own clients try again)
"""

from enum import StrEnum


class Kind(StrEnum):
    """What was refused, or why nobody answered."""

    UNREACHABLE = "unreachable"
    """No answer: no connection, broken off, or silent for too long."""
    UNAVAILABLE = "unavailable"
    """The service itself is in trouble, or another call is in the way of this one."""
    THROTTLED = "throttled"
    """Too many calls, or no capacity just now."""
    EXPIRED = "expired"
    """The credentials were good until a moment ago. Those of a role are renewed while the process runs."""
    CREDENTIALS_UNREACHABLE = "credentials_unreachable"
    """Whoever hands the credentials out did not, this time."""
    CLOCK = "clock"
    """The request's date is too old or too new: a clock that will be set, or a machine that was paused."""
    UNKNOWN = "unknown"
    """A code that is in no list here. A try too many costs a minute; a job given up for nothing costs the job."""
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
        Kind.UNREACHABLE,
        Kind.UNAVAILABLE,
        Kind.THROTTLED,
        Kind.EXPIRED,
        Kind.CREDENTIALS_UNREACHABLE,
        Kind.CLOCK,
        Kind.UNKNOWN,
    }
)
"""Of these kinds the same call may succeed later, though nobody does anything."""

_CODES = {
    Kind.UNAVAILABLE: "InternalError InternalFailure InternalServerError ServerException ServiceUnavailable"
    " RequestTimeout RequestTimeoutException PriorRequestNotComplete OperationAborted ConditionalRequestConflict"
    " ConflictException QueueDeletedRecently PurgeQueueInProgress"
    # Of an upload in parts that somebody has ended: the next one is another.
    " NoSuchUpload"
    # Of a message that has come back to the queue meanwhile: it is received again, with another receipt.
    " ReceiptHandleIsInvalid MessageNotInflight 500 502 503 504",
    Kind.THROTTLED: "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException"
    " TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded LimitExceededException SlowDown OverLimit"
    " KmsThrottled KmsThrottling 429",
    Kind.EXPIRED: "ExpiredToken ExpiredTokenException TokenRefreshRequired",
    Kind.CLOCK: "RequestTimeTooSkewed RequestExpired RequestInTheFuture",
    Kind.INVALID_CREDENTIALS: "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException AuthFailure"
    " InvalidToken SignatureDoesNotMatch InvalidSignatureException IncompleteSignature MissingAuthenticationToken"
    " MissingAuthenticationTokenException 401",
    Kind.DENIED: "AccessDenied AccessDeniedException AccessDeniedFault Forbidden 403 NotAuthorized"
    " UnauthorizedOperation AllAccessDisabled AccountProblem BlockedException OptInRequired KmsAccessDenied",
    Kind.MISSING: "NonExistentQueue QueueDoesNotExist InvalidAddress NoSuchBucket NoSuchKey 404"
    " ClusterNotFoundException TaskDefinitionNotFoundException ResourceNotFoundException",
    Kind.OTHER_REGION: "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException 301",
    Kind.INVALID: "ClientException InvalidParameterException InvalidParameterValue InvalidParameterCombination"
    " MissingParameter ValidationError ValidationException MalformedQueryString InvalidAction InvalidBucketName"
    " PlatformTaskDefinitionIncompatibilityException PlatformUnknownException UnsupportedFeatureException"
    " UnsupportedOperation InvalidSecurity InvalidMessageContents"
    " KmsDisabled KmsInvalidKeyUsage KmsInvalidState KmsNotFound KmsOptInRequired",
}
KINDS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
"""By AWS's code without the service's name before it, or by HTTP status."""

EXCEPTIONS: dict[str, Kind] = {
    # botocore's, made without an answer of AWS's
    "ConnectionError": Kind.UNREACHABLE,
    "HTTPClientError": Kind.UNREACHABLE,
    "IncompleteReadError": Kind.UNREACHABLE,
    "NoCredentialsError": Kind.NO_CREDENTIALS,
    "PartialCredentialsError": Kind.NO_CREDENTIALS,
    "NoAuthTokenError": Kind.NO_CREDENTIALS,
    "CredentialRetrievalError": Kind.CREDENTIALS_UNREACHABLE,
    "MetadataRetrievalError": Kind.CREDENTIALS_UNREACHABLE,
    "TokenRetrievalError": Kind.CREDENTIALS_UNREACHABLE,
    # Somebody must sign in again.
    "SSOError": Kind.INVALID_CREDENTIALS,
    "LoginError": Kind.INVALID_CREDENTIALS,
    "RefreshWithMFAUnsupportedError": Kind.INVALID_CREDENTIALS,
    "BaseEndpointResolverError": Kind.INVALID,
    "ConfigNotFound": Kind.INVALID,
    "ConfigParseError": Kind.INVALID,
    "EndpointProviderError": Kind.INVALID,
    "InvalidConfigError": Kind.INVALID,
    "InvalidDNSNameError": Kind.INVALID,
    "InvalidRetryConfigurationError": Kind.INVALID,
    "MissingDependencyException": Kind.INVALID,
    "ParamValidationError": Kind.INVALID,
    "ProfileNotFound": Kind.INVALID,
    "UnknownRegionError": Kind.INVALID,
    "ValidationError": Kind.INVALID,
    "ValueError": Kind.INVALID,  # so botocore says that an endpoint or a queue's address is no URL
    # obstore's, where the answer had no code
    "NotFoundError": Kind.MISSING,
    "FileNotFoundError": Kind.MISSING,
    "PermissionDeniedError": Kind.DENIED,
    "UnauthenticatedError": Kind.CREDENTIALS_UNREACHABLE,  # the provider's own trouble; AWS says 401 with a status
    "GenericError": Kind.UNREACHABLE,
}
"""By the name of the exception or of a class above it, the nearest first."""
