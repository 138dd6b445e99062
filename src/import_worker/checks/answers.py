"""What an AWS service's refusal means, in words, with what to do."""

from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

NO_PERMISSION = "no permission"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AccessDeniedFault", "403", "Forbidden"})
_IDENTITY = {
    "InvalidAccessKeyId": "the access key is not known",
    "InvalidClientTokenId": "the access key is not known",
    "UnrecognizedClientException": "the access key is not known",
    "AuthFailure": "the credentials are not valid",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "InvalidSignatureException": "the secret key does not belong to the access key",
    "ExpiredToken": "the credentials have expired",
    "ExpiredTokenException": "the credentials have expired",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "RequestExpired": "this machine's clock is wrong",
}


@dataclass(frozen=True)
class Refusal:
    """``denied``: the identity is fine but lacks a permission. ``code`` is AWS's, or the exception's name."""

    code: str
    found: str
    cure: str
    denied: bool = False


def refusal_of(error: ClientError | BotoCoreError, permission: str, resource: str) -> Refusal:
    """What the error means for a call that needs ``permission`` (``s3:PutObject``) on ``resource`` (an ARN or URL)."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", "unknown"))
        if code in _DENIED:
            return Refusal(
                code, f"{NO_PERMISSION}: {permission} on {resource}", f"Allow {permission} on {resource}.", denied=True
            )
        if code in _IDENTITY:
            return Refusal(
                code,
                f"{_IDENTITY[code]} ({code})",
                "Give the process valid credentials (task role, AWS_PROFILE, or keys), or set its clock.",
            )
        return Refusal(code, f"AWS answered {code}", f"Look up {code} for {permission} on {resource}.")
    name = type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return Refusal(
            name, "there are no AWS credentials", "Run with a task role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID."
        )
    if isinstance(error, BotoConnectionError | HTTPClientError):
        return Refusal(
            name,
            f"the endpoint does not answer ({name})",
            "Check AWS_REGION, AWS_ENDPOINT_URL, and that HTTPS to AWS is let out (NAT, VPC endpoint, proxy).",
        )
    return Refusal(name, f"the call could not be made ({name})", "Check AWS_REGION, AWS_PROFILE and the name or URL.")
