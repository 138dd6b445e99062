"""Who the process is for AWS."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from import_worker.aws import clients
from import_worker.checks.answers import refusal_of
from import_worker.checks.check import Check, failed, ok, warning

CALL_SECONDS = 4.0
"""Without a byte; with one attempt and five seconds for connecting, a call stays within the limit of an area."""


def check_identity() -> Iterator[Check]:
    """Asks STS, which answers whoever has valid credentials."""
    try:
        session = clients.session()
        credentials = session.get_credentials()
        client = clients.client("sts", session, read_timeout=CALL_SECONDS, attempts=1)
    except BotoCoreError as error:
        refusal = refusal_of(error, "sts:GetCallerIdentity", "*")
        yield failed("aws: credentials", refusal.found, refusal.cure)
        return
    if credentials is None:
        yield failed(
            "aws: credentials",
            "there are none",
            "Run with a task role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
        return
    region = client.meta.region_name
    try:
        arn = client.get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError) as error:
        refusal = refusal_of(error, "sts:GetCallerIdentity", "*")
        if isinstance(error, ClientError) and not refusal.denied:
            yield failed("aws: credentials", refusal.found, refusal.cure)
        else:
            # The worker itself never asks; a network that lets nothing out to STS may still be fine.
            yield warning(
                "aws: credentials", f"found, but STS does not say whose they are: {refusal.found}", refusal.cure
            )
        return
    yield ok("aws: credentials", f"acting as {arn} in {region}")
