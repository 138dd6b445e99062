"""The object store promises the same over a folder and over S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from import_worker.errors import ObjectStoreUnavailable, UsageError
from import_worker.objects import ObjectChanged, ObjectMissing, ObjectStore
from tests.support.aws import aws, make_bucket


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield ObjectStore.open((tmp_path / "folder with spaces").as_uri())
        return
    with aws():
        make_bucket("artifacts")
        yield ObjectStore.open("s3://artifacts/some/prefix")


def test_what_is_put_is_read(store: ObjectStore) -> None:
    store.put("a/b.csv", [b"hello", b"", b" world"])
    info = store.head("a/b.csv")
    assert info.size == 11
    assert store.read_range("a/b.csv", info.etag, 2, 5) == b"llo"
    assert store.read_range("a/b.csv", info.etag, 5, 5) == b""
    assert list(store.stream("a/b.csv", info, block_bytes=4)) == [b"hell", b"o wo", b"rld"]


def test_a_large_object_goes_in_parts(store: ObjectStore) -> None:
    block = bytes(range(256)) * 4096
    store.put("large", (block for _ in range(20)))
    info = store.head("large")
    assert info.size == 20 * len(block)
    assert store.read_range("large", info.etag, 19 * len(block), 20 * len(block)) == block


def test_putting_again_replaces_and_changes_the_version(store: ObjectStore) -> None:
    store.put("a", [b"one"])
    before = store.head("a")
    store.put("a", [b"other"])
    with pytest.raises(ObjectChanged):
        store.read_range("a", before.etag, 0, 3)
    with pytest.raises(ObjectChanged):
        list(store.stream("a", before))


def test_a_source_of_blocks_that_fails_leaves_what_was_there(store: ObjectStore) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x" * 1_000
        raise RuntimeError("no more")

    store.put("a", [b"one"])
    with pytest.raises(RuntimeError, match="no more"):
        store.put("a", blocks())
    info = store.head("a")
    assert store.read_range("a", info.etag, 0, info.size) == b"one"


def test_fewer_bytes_than_asked_for_are_no_answer(store: ObjectStore) -> None:
    store.put("a", [b"hello"])
    with pytest.raises(ObjectStoreUnavailable, match="gave 3 of the 48 bytes"):
        store.read_range("a", store.head("a").etag, 2, 50)


def test_a_missing_object_is_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        store.head("nowhere")
    with pytest.raises(ObjectMissing):
        store.read_range("nowhere", '"etag"', 0, 1)


def test_a_file_is_copied_in(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"from a file")
    with path.open("rb") as file:
        store.put("a", iter(lambda: file.read(4), b""))
    info = store.head("a")
    assert store.read_range("a", info.etag, 0, info.size) == b"from a file"


@pytest.mark.parametrize("url", ["ftp://somewhere", "s3://", "gs://bucket", "nothing"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="must be a bucket name"):
        ObjectStore.open(url)


def test_an_object_says_where_a_person_finds_it(tmp_path: Path) -> None:
    assert ObjectStore.open(tmp_path.as_uri()).locate("a/b.csv") == str(tmp_path / "a/b.csv")
