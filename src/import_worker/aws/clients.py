"""Making clients of AWS services; region, endpoint and credentials are found as every AWS tool finds them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3

from import_worker.aws.refusals import TransientRefusal, boto_errors, refusal_of
from import_worker.errors import TransientError, UsageError

DEFAULT_REGION = "ca-central-1"


def make_session() -> "boto3.Session":
    """A new session: profiles, environment and task roles, as they are now. Raises UsageError for a profile that
    does not exist, or a file of settings that cannot be read."""
    import boto3  # noqa: PLC0415  (a third of a second to import; a laptop with a local folder need not wait)

    with _translate_errors():
        return boto3.Session()


def has_credentials(boto_session: "boto3.Session") -> bool:
    """Whether the session has credentials, valid or not. Raises as ``make_client``."""
    with _translate_errors():
        return boto_session.get_credentials() is not None


def make_client(
    service: str, boto_session: "boto3.Session | None" = None, *, read_timeout: float = 30.0, attempts: int = 4
) -> Any:
    """A boto3 client that gives up after ``read_timeout`` seconds without a byte, and after ``attempts`` attempts in
    all.

    Clients may be shared by threads. Making one opens no connection; its calls raise ``boto_errors``. Raises UsageError
    for settings that are wrong (a region, an endpoint, a profile), and TransientError when the provider of
    credentials does not answer now.
    """
    from botocore.config import Config  # noqa: PLC0415  (as above)
    from botocore.exceptions import InvalidRegionError  # noqa: PLC0415  (as above)

    boto_session = boto_session or make_session()
    create: Callable[..., Any] = boto_session.client  # typed by one overload a service
    # Containers of ECS have AWS_REGION, which botocore for Python does not read.
    region = os.environ.get("AWS_REGION") or boto_session.region_name or DEFAULT_REGION
    config = Config(
        connect_timeout=5.0, read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": attempts}
    )
    try:
        with _translate_errors(passed_on=(InvalidRegionError, ValueError)):
            return create(service, region_name=region, config=config)
    except InvalidRegionError:
        raise UsageError(f"{region!r} is no region of AWS; set AWS_REGION to one such as {DEFAULT_REGION}.") from None
    except ValueError as error:  # botocore's error for an endpoint that is no URL
        raise UsageError(
            f"{error}; set AWS_ENDPOINT_URL to a URL such as http://localhost:9000, or unset it."
        ) from None


@contextmanager
def _translate_errors(*, passed_on: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """``passed_on``: errors that the caller translates itself, because it can say more about them."""
    try:
        yield
    except passed_on:
        raise
    except boto_errors() as error:
        refusal = refusal_of(error)
        if isinstance(refusal, TransientRefusal):
            raise TransientError(f"AWS cannot be asked now ({refusal.brief}); try again.") from None
        raise UsageError(f"AWS cannot be used: {str(error).rstrip('.')}. {refusal.cure}") from None
