"""What a refusal of AWS's means: whether the same call may succeed later, and what to do. Judged here, once.

``refusal_of`` takes whatever botocore or obstore raises. What a caller makes of the answer is its own affair. Neither
is loaded for this: most processes never meet a refusal.
"""

import re
from dataclasses import dataclass
from typing import Any

from import_worker.aws.kinds import EXCEPTIONS, KINDS, TRANSIENT, Kind

_MEANINGS = {
    "InvalidAccessKeyId": "the access key is not known",
    "InvalidClientTokenId": "the access key is not known",
    "UnrecognizedClientException": "the access key is not known",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "InvalidSignatureException": "the secret key does not belong to the access key",
    Kind.INVALID_CREDENTIALS: "the credentials are not valid",
    Kind.NO_CREDENTIALS: "there are no AWS credentials",
    Kind.EXPIRED: "the credentials have expired",
    Kind.CREDENTIALS_UNREACHABLE: "the credentials could not be fetched",
    Kind.CLOCK: "this machine's clock is wrong",
    Kind.OTHER_REGION: "it is in another region",
}
_VALID = "Give the process valid credentials (task role, AWS_PROFILE, or keys), or set its clock."
_CURES = {
    Kind.UNREACHABLE: "Check AWS_REGION, AWS_ENDPOINT_URL, and that HTTPS to AWS is let out"
    " (NAT, VPC endpoint, proxy).",
    Kind.NO_CREDENTIALS: "Run with a task role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID.",
    Kind.INVALID_CREDENTIALS: _VALID,
    Kind.EXPIRED: _VALID,
    Kind.CREDENTIALS_UNREACHABLE: _VALID,
    Kind.CLOCK: _VALID,
    Kind.OTHER_REGION: "Set AWS_REGION to its region.",
}
_CURE = "Check AWS_REGION, AWS_PROFILE and the name or URL."

_NO_CAPACITY = re.compile(r"capacity|\blimits?\b|throttl|rate exceeded", re.IGNORECASE)
"""What ECS also says in a ClientException or InvalidParameterException, which otherwise do not pass."""
_OUT_OF_TIME = re.compile(r"signature (expired|not yet current)", re.IGNORECASE)
"""What a service says of a date under the code of a wrong signature.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"""
_XML_CODE = re.compile(r"<Code>([\w.]+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")


@dataclass(frozen=True)
class AwsRefusal:
    """``code`` is AWS's, an HTTP status, or the exception's name. ``said`` is AWS's own sentence, if it said one."""

    kind: Kind
    code: str
    said: str = ""
    operation: str | None = None
    """The call that AWS answered; None where it was none of botocore's, or nobody answered."""

    @property
    def meaning(self) -> str | None:
        """A clause (``the credentials have expired``), or None where the code says it all."""
        return _MEANINGS.get(self.code, _MEANINGS.get(self.kind))

    @property
    def brief(self) -> str:
        """For parentheses: the code and, where there is one, its meaning."""
        return self.code if self.meaning is None else f"{self.code}: {self.meaning}"

    @property
    def cure(self) -> str:
        """What to do, in a sentence, as far as that does not depend on the call."""
        return _CURES.get(self.kind, _CURE)


class TerminalRefusal(AwsRefusal):
    """The same call will be refused again, until somebody changes a setting, a permission or a resource."""


class TransientRefusal(AwsRefusal):
    """The same call may succeed later, though nobody does anything."""


def refusal_of(error: Exception) -> TerminalRefusal | TransientRefusal:
    """``error``: one of ``boto_errors``, or of obstore's."""
    kind, code, said, operation = _read(error)
    return (TransientRefusal if kind in TRANSIENT else TerminalRefusal)(kind, code, said, operation)


def boto_errors() -> tuple[type[Exception], ...]:
    """All that boto3 raises. To be called in the ``except`` clause, since that alone loads botocore."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    return (BotoCoreError, ClientError, ValueError)


def http_status(error: Exception) -> int | None:
    """The status of the answer that obstore tells of; None when there was none."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def _read(error: Exception) -> tuple[Kind, str, str, str | None]:
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore's ClientError
        code = str(response.get("Error", {}).get("Code", "unknown"))
        said = str(response.get("Error", {}).get("Message", ""))
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return _kind_of_code(code, said, status), code, said, getattr(error, "operation_name", None)
    text = str(error)
    if found := _XML_CODE.search(text):
        return _kind_of_code(found[1], text, http_status(error)), found[1], "", None
    if "Received redirect without LOCATION" in text:
        return Kind.OTHER_REGION, "PermanentRedirect", "", None
    names = [each.__name__ for each in type(error).__mro__]
    status = http_status(error)
    if status is not None:
        kind = KINDS.get(str(status), Kind.UNKNOWN)
        return kind, str(status), "", None
    return next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), Kind.UNKNOWN), names[0], "", None


def _kind_of_code(code: str, said: str, status: int | None) -> Kind:
    """A service may put its name before a code (``AWS.SimpleQueueService.NonExistentQueue``). What SQS calls
    KmsDisabled, others call KMS.DisabledException."""
    name = code.rpartition(".")[2]
    if code.startswith("KMS."):
        name = f"Kms{name.removesuffix('Exception')}"
    kind = KINDS.get(name) or KINDS.get(str(status), Kind.UNKNOWN)
    if kind is Kind.INVALID and _NO_CAPACITY.search(said):
        return Kind.THROTTLED
    if kind is Kind.INVALID_CREDENTIALS and _OUT_OF_TIME.search(said):
        return Kind.CLOCK
    return kind
