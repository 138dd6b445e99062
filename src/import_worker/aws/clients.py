"""Clients of AWS services; region, endpoint and credentials are found as every AWS tool finds them."""

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


def session() -> "boto3.Session":
    """A new session: profiles, environment and task roles, as they are now. Raises UsageError for a profile or a file
    of settings that is none."""
    import boto3  # noqa: PLC0415  (a third of a second to import; a laptop with a local folder need not wait)

    with _translated():
        return boto3.Session()


def has_credentials(own: "boto3.Session") -> bool:
    """Whether the session has credentials, whatever they are worth. Raises as ``client``."""
    with _translated():
        return own.get_credentials() is not None


def client(service: str, own: "boto3.Session | None" = None, *, read_timeout: float = 30.0, attempts: int = 4) -> Any:
    """A boto3 client that gives up: after that many seconds without a byte, and that many attempts in all.

    Clients may be shared by threads. Making one opens no connection; its calls raise ``boto_errors``. Raises UsageError
    for settings that are wrong (a region, an endpoint, a profile), and TransientError where whoever hands out the
    credentials does not now.
    """
    from botocore.config import Config  # noqa: PLC0415  (as above)
    from botocore.exceptions import InvalidRegionError  # noqa: PLC0415

    own = own or session()
    create: Callable[..., Any] = own.client  # typed by one overload a service
    # Containers of ECS have AWS_REGION, which botocore for Python does not read.
    region = os.environ.get("AWS_REGION") or own.region_name or DEFAULT_REGION
    config = Config(
        connect_timeout=5.0, read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": attempts}
    )
    try:
        with _translated(but=(InvalidRegionError, ValueError)):
            return create(service, region_name=region, config=config)
    except InvalidRegionError:
        raise UsageError(f"{region!r} is no region of AWS; set AWS_REGION to one such as {DEFAULT_REGION}.") from None
    except ValueError as error:  # so botocore says that an endpoint is no URL
        raise UsageError(
            f"{error}; set AWS_ENDPOINT_URL to a URL such as http://localhost:9000, or unset it."
        ) from None


@contextmanager
def _translated(*, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """``but``: of which the caller says more than this could."""
    try:
        yield
    except but:
        raise
    except boto_errors() as error:
        refusal = refusal_of(error)
        if isinstance(refusal, TransientRefusal):
            raise TransientError(f"AWS cannot be asked now ({refusal.brief}); try again.") from None
        raise UsageError(f"AWS cannot be used: {str(error).rstrip('.')}. {refusal.cure}") from None
