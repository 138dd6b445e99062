"""Checking which identity the process has in AWS."""

from collections.abc import Iterator

from import_worker.aws import clients
from import_worker.aws.refusals import boto_errors
from import_worker.checks.answers import answer_of
from import_worker.checks.check import Check, failed, ok, warning

CALL_SECONDS = 4.0
"""How long a call waits without a byte; with one attempt and five seconds to connect, it stays within the limit of an
area."""


def check_identity() -> Iterator[Check]:
    """Asks STS, which answers every caller with valid credentials."""
    session = clients.make_session()
    has_credentials = clients.has_credentials(session)
    client = clients.make_client("sts", session, read_timeout=CALL_SECONDS, attempts=1)
    if not has_credentials:
        yield failed(
            "aws: credentials",
            "there are none",
            "Run with a task role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
        return
    region = client.meta.region_name
    try:
        arn = client.get_caller_identity()["Arn"]
    except boto_errors() as error:
        answer = answer_of(error, "sts:GetCallerIdentity", "*")
        if answer.refusal.operation is not None and not answer.denied:
            yield failed("aws: credentials", answer.found, answer.cure)
        else:
            # The worker itself never calls STS; a network that does not reach it may still be fine.
            yield warning(
                "aws: credentials", f"found, but STS does not say whose they are: {answer.found}", answer.cure
            )
        return
    yield ok("aws: credentials", f"acting as {arn} in {region}")
