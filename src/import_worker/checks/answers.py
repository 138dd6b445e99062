"""A refusal of AWS's in the words of a check: what was found, and what to do."""

from dataclasses import dataclass

from import_worker.aws.kinds import RefusalKind
from import_worker.aws.refusals import AwsRefusal, refusal_of

NO_PERMISSION = "no permission"


@dataclass(frozen=True)
class Answer:
    """A refusal, with the ``found`` and ``cure`` of a check."""

    refusal: AwsRefusal
    found: str
    cure: str

    @property
    def denied(self) -> bool:
        """The identity is fine but lacks a permission."""
        return self.refusal.kind is RefusalKind.DENIED

    @property
    def missing(self) -> bool:
        return self.refusal.kind is RefusalKind.MISSING


def answer_of(error: Exception, permission: str, resource: str) -> Answer:
    """The answer to an error (one of ``boto_errors``) of a call that needs ``permission`` (``s3:PutObject``) on
    ``resource`` (an ARN or URL)."""
    refusal = refusal_of(error)
    if refusal.kind is RefusalKind.DENIED:
        return Answer(refusal, f"{NO_PERMISSION}: {permission} on {resource}", f"Allow {permission} on {resource}.")
    if refusal.kind is RefusalKind.UNREACHABLE:
        return Answer(refusal, f"the endpoint does not answer ({refusal.code})", refusal.cure)
    if refusal.meaning is not None:
        return Answer(refusal, f"{refusal.meaning} ({refusal.code})", refusal.cure)
    if refusal.operation is not None:
        return Answer(
            refusal, f"AWS answered {refusal.code}", f"Look up {refusal.code} for {permission} on {resource}."
        )
    return Answer(refusal, f"the call could not be made ({refusal.code})", refusal.cure)
