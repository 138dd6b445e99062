"""Clients of AWS services; region, endpoint and credentials are found as every AWS tool finds them."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3

from import_worker.errors import UsageError

DEFAULT_REGION = "ca-central-1"


def session() -> "boto3.Session":
    """A new session: profiles, environment and task roles, as they are now."""
    import boto3  # noqa: PLC0415  (a third of a second to import; a laptop with a local folder need not wait)

    return boto3.Session()


def client(service: str, own: "boto3.Session | None" = None, *, read_timeout: float = 30.0, attempts: int = 4) -> Any:
    """A boto3 client that gives up: after that many seconds without a byte, and that many attempts in all.

    Clients may be shared by threads. Making one opens no connection; its calls raise botocore's exceptions. Raises
    UsageError for a region or an endpoint that is none.
    """
    from botocore.config import Config  # noqa: PLC0415  (as above)
    from botocore.exceptions import InvalidRegionError  # noqa: PLC0415

    own = own or session()
    create: Callable[..., Any] = own.client  # typed by one overload a service
    # Containers of ECS have AWS_REGION, which botocore for Python does not read.
    region = os.environ.get("AWS_REGION") or own.region_name or DEFAULT_REGION
    try:
        return create(
            service,
            region_name=region,
            config=Config(
                connect_timeout=5.0,
                read_timeout=read_timeout,
                retries={"mode": "standard", "total_max_attempts": attempts},
            ),
        )
    except InvalidRegionError:
        raise UsageError(f"{region!r} is no region of AWS; set AWS_REGION to one such as {DEFAULT_REGION}.") from None
    except ValueError as error:  # so botocore says that an endpoint is no URL
        raise UsageError(
            f"{error}; set AWS_ENDPOINT_URL to a URL such as http://localhost:9000, or unset it."
        ) from None
