"""What a refusal of AWS's means: whether the same call may succeed later, and what to do. Decided here, once.

``refusal_of`` takes any error of botocore or obstore; the caller decides which error to raise in its place. Neither
library is loaded for this: most processes never see a refusal.
"""

import re
from dataclasses import dataclass
from typing import Any

from import_worker.aws.kinds import EXCEPTIONS, KINDS, TRANSIENT, RefusalKind

_MEANINGS = {
    "InvalidAccessKeyId": "the access key is not known",
    "InvalidClientTokenId": "the access key is not known",
    "UnrecognizedClientException": "the access key is not known",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "InvalidSignatureException": "the secret key does not belong to the access key",
    RefusalKind.INVALID_CREDENTIALS: "the credentials are not valid",
    RefusalKind.NO_CREDENTIALS: "there are no AWS credentials",
    RefusalKind.EXPIRED: "the credentials have expired",
    RefusalKind.CREDENTIALS_UNREACHABLE: "the credentials could not be fetched",
    RefusalKind.CLOCK: "this machine's clock is wrong",
    RefusalKind.OTHER_REGION: "it is in another region",
}
_VALID = "Give the process valid credentials (task role, AWS_PROFILE, or keys), or set its clock."
_CURES = {
    RefusalKind.UNREACHABLE: "Check AWS_REGION, AWS_ENDPOINT_URL, and that HTTPS to AWS is let out"
    " (NAT, VPC endpoint, proxy).",
    RefusalKind.NO_CREDENTIALS: "Run with a task role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID.",
    RefusalKind.INVALID_CREDENTIALS: _VALID,
    RefusalKind.EXPIRED: _VALID,
    RefusalKind.CREDENTIALS_UNREACHABLE: _VALID,
    RefusalKind.CLOCK: _VALID,
    RefusalKind.OTHER_REGION: "Set AWS_REGION to its region.",
}
_CURE = "Check AWS_REGION, AWS_PROFILE and the name or URL."

_NO_CAPACITY = re.compile(r"capacity|\blimits?\b|throttl|rate exceeded", re.IGNORECASE)
"""Words by which a ClientException or InvalidParameterException of ECS is transient; all others are terminal."""
_OUT_OF_TIME = re.compile(r"signature (expired|not yet current)", re.IGNORECASE)
"""Words by which an error with the code of a wrong signature is about the request's date.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"""
_XML_CODE = re.compile(r"<Code>([\w.]+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


@dataclass(frozen=True)
class AwsRefusal:
    """``code`` is AWS's, an HTTP status, or the exception's name. ``aws_message`` is AWS's own sentence, or
    empty."""

    kind: RefusalKind
    code: str
    aws_message: str = ""
    operation: str | None = None
    """The call that AWS refused; None for a call that botocore did not make, or that got no answer."""

    @property
    def meaning(self) -> str | None:
        """A clause (``the credentials have expired``), or None where the code is clear by itself."""
        return _MEANINGS.get(self.code, _MEANINGS.get(self.kind))

    @property
    def brief(self) -> str:
        """For parentheses: the code and, where there is one, its meaning."""
        return self.code if self.meaning is None else f"{self.code}: {self.meaning}"

    @property
    def cure(self) -> str:
        """What to do, in a sentence that does not depend on the call."""
        return _CURES.get(self.kind, _CURE)


class TerminalRefusal(AwsRefusal):
    """The same call will be refused again until a setting, a permission or a resource is changed."""


class TransientRefusal(AwsRefusal):
    """The same call may succeed later without any change."""


def refusal_of(error: Exception) -> TerminalRefusal | TransientRefusal:
    """``error``: one of ``boto_errors``, or of obstore's."""
    kind, code, aws_message, operation = _read(error)
    return (TransientRefusal if kind in TRANSIENT else TerminalRefusal)(kind, code, aws_message, operation)


def boto_errors() -> tuple[type[Exception], ...]:
    """All errors that boto3 raises. Call it in the ``except`` clause: it loads botocore, which is needed only then."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (most processes never see one)

    return (BotoCoreError, ClientError, ValueError)


def http_status(error: Exception) -> int | None:
    """The HTTP status in obstore's message; None when there was no answer."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def _read(error: Exception) -> tuple[RefusalKind, str, str, str | None]:
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore's ClientError
        code = str(response.get("Error", {}).get("Code", "unknown"))
        aws_message = str(response.get("Error", {}).get("Message", ""))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return _kind_of_code(code, aws_message, status), code, aws_message, getattr(error, "operation_name", None)
    text = str(error)
    if found := _XML_CODE.search(text):
        return _kind_of_code(found[1], text, http_status(error)), found[1], "", None
    if "Received redirect without LOCATION" in text:
        return RefusalKind.OTHER_REGION, "PermanentRedirect", "", None
    names = [each.__name__ for each in type(error).__mro__]
    status = http_status(error)
    if status is not None:
        kind = KINDS.get(str(status), RefusalKind.UNKNOWN)
        return kind, str(status), "", None
    return next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), RefusalKind.UNKNOWN), names[0], "", None


def _kind_of_code(code: str, aws_message: str, status: int | None) -> RefusalKind:
    """The kind of a code. A service may put its name before it (``AWS.SimpleQueueService.NonExistentQueue``); SQS's
    KmsDisabled is KMS.DisabledException elsewhere."""
    name = code.rpartition(".")[2]
    if code.startswith("KMS."):
        name = f"Kms{name.removesuffix('Exception')}"
    kind = KINDS.get(name) or KINDS.get(str(status), RefusalKind.UNKNOWN)
    if kind is RefusalKind.INVALID and _NO_CAPACITY.search(aws_message):
        return RefusalKind.THROTTLED
    if kind is RefusalKind.INVALID_CREDENTIALS and _OUT_OF_TIME.search(aws_message):
        return RefusalKind.CLOCK
    return kind
