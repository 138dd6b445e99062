"""What AWS refuses is judged alike, whoever asked: the queues, ECS, the object store, its listing, and `doctor`."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from import_worker.aws.queues import Queue
from import_worker.checks.bucket import check_bucket
from import_worker.checks.check import State
from import_worker.checks.identity import check_identity
from import_worker.errors import TransientError, UsageError
from import_worker.events.queue import QueueMessage, StatusQueue
from import_worker.launching.starters import Order
from import_worker.launching.starters.ecs import EcsTasks
from import_worker.objects import ObjectStore
from tests.support.refusing_server import RefusingServer, run_refusing_server

ORDER = Order(uuid4(), 1, 1, 0, ("run",))

Callers = dict[str, Callable[[], object]]


def make_callers(url: str) -> Callers:
    """Everybody who asks AWS for something. Making one asks nobody."""
    queue = Queue(f"{url}/123456789012/launch", "SIN_IMPORT_QUEUE_URL")
    status = StatusQueue(f"{url}/123456789012/status")
    ecs = EcsTasks("imports", "worker", subnets=["a"], security_groups=["b"], limit=1, stage="test")
    store = ObjectStore.open("s3://artifacts")
    return {
        "queue": lambda: queue.receive(wait_seconds=0, hidden_seconds=1),
        "status queue": lambda: status.send([QueueMessage("1", "1", "{}")]),
        "ecs: list": ecs.room,
        "ecs: start": lambda: ecs.start(ORDER),
        "store: head": lambda: store.head("imports/a.csv"),
        "store: put": lambda: store.put("imports/a.csv", [b"a"]),
        "store: list": lambda: list(store.names_below("forms/x/")),
    }


@pytest.fixture(scope="module")
def server() -> Iterator[RefusingServer]:
    with run_refusing_server() as server:
        yield server


@pytest.fixture(scope="module")
def callers(server: RefusingServer) -> Callers:
    return make_callers(server.url)


@dataclass
class Judged:
    """What each caller makes of a refusal."""

    server: RefusingServer
    callers: Callers

    def __call__(self, status: int, code: str, message: str = "in AWS's own words") -> dict[str, Exception]:
        self.server.status, self.server.code, self.server.message = status, code, message
        errors: dict[str, Exception] = {}
        for name, call in self.callers.items():
            with pytest.raises((UsageError, TransientError)) as caught:
                call()
            errors[name] = caught.value
        return errors


@pytest.fixture
def judged(server: RefusingServer, callers: Callers) -> Judged:
    return Judged(server, callers)


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (400, "ExpiredToken", "the credentials have expired"),
        (400, "ExpiredTokenException", "the credentials have expired"),
        (403, "RequestTimeTooSkewed", "this machine's clock is wrong"),
        (400, "SomethingNew", ""),
    ],
)
def test_what_passes_is_transient_for_everybody(judged: Judged, status: int, code: str, says: str) -> None:
    for name, error in judged(status, code).items():
        assert isinstance(error, TransientError), name
        assert code in str(error), name
        assert says in str(error) or name.startswith("ecs"), name  # which quotes AWS's own words


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (403, "AccessDenied", ""),
        (403, "InvalidAccessKeyId", "the access key is not known"),
        (400, "UnrecognizedClientException", "the access key is not known"),
        (403, "SignatureDoesNotMatch", "the secret key does not belong to the access key"),
        (400, "AuthorizationHeaderMalformed", "Set AWS_REGION to its region."),
        (400, "KMS.DisabledException", ""),
    ],
)
def test_what_somebody_must_mend_is_terminal_for_everybody(judged: Judged, status: int, code: str, says: str) -> None:
    for name, error in judged(status, code).items():
        assert isinstance(error, UsageError), name
        assert says in str(error) or name.startswith("ecs") or name == "status queue", name


def test_a_permission_is_asked_for_only_where_one_is_missing(judged: Judged) -> None:
    errors = judged(403, "AccessDenied")
    assert "grant s3:GetObject" in str(errors["store: head"])
    assert "does not permit ReceiveMessage" in str(errors["queue"])
    errors = judged(403, "InvalidAccessKeyId")
    assert not any("grant" in str(error) or "allow" in str(error) for error in errors.values())


def test_a_date_that_is_refused_under_the_code_of_a_wrong_signature_is_a_matter_of_time(judged: Judged) -> None:
    errors = judged(403, "InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than")
    assert all(isinstance(error, TransientError) for error in errors.values())


def test_a_redirect_to_nowhere_is_another_region(judged: Judged) -> None:
    judged.server.status, judged.server.code = 301, "PermanentRedirect"
    for name in ("store: head", "store: put"):
        with pytest.raises(UsageError, match=r"it is in another region. Set AWS_REGION"):
            judged.callers[name]()


def test_what_a_caller_reads_his_blocks_from_fails_for_itself(server: RefusingServer, tmp_path: Path) -> None:
    """An error of the operating system is none of the store's."""

    def blocks() -> Iterator[bytes]:
        yield (tmp_path / "nowhere").read_bytes()

    with pytest.raises(FileNotFoundError):
        ObjectStore.open("s3://artifacts").put("imports/a.csv", blocks())


@pytest.mark.parametrize(
    ("code", "says"),
    [("ExpiredToken", "the credentials have expired"), ("InvalidClientTokenId", "the access key is not known")],
)
def test_doctor_says_the_same(server: RefusingServer, code: str, says: str) -> None:
    server.status, server.code = 403, code
    (check,) = check_identity()
    assert check.state is State.FAILED
    assert check.found == f"{says} ({code})"
    assert (check.cure or "").startswith("Give the process valid credentials")


def test_doctor_tells_a_bucket_whose_server_hangs_up(server: RefusingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such an error has a place for an answer, and nothing in it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_hang_up, args=(listener,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        there, *rest = check_bucket("s3://artifacts")
    assert there.found.startswith("the endpoint does not answer (")
    assert "AWS_ENDPOINT_URL" in (there.cure or "")
    assert {check.state for check in rest} == {State.SKIPPED}


def test_a_profile_that_is_none_is_a_setting(
    server: RefusingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(UsageError, match=r"\(nowhere\) could not be found. Check AWS_REGION, AWS_PROFILE"):
        make_callers(server.url)


def test_credentials_that_cannot_be_fetched_now_may_be_later(
    server: RefusingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\ncredential_process = /bin/false\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with pytest.raises(TransientError, match="the credentials could not be fetched"):
        make_callers(server.url)


def _hang_up(listener: socket.socket) -> None:
    """On whoever connects first, without a word."""
    listener.accept()[0].close()
