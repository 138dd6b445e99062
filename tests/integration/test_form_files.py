"""Which files a form has: one listing, to the letter, over a folder and over S3."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import boto3
import polars as pl
import pytest
from moto.core.authorization import enable_iam_authentication

from import_worker.errors import ObjectStoreUnavailable, UsageError
from import_worker.importing.form_files import FormFiles
from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket

FORM = "2f1d6a0e-3c1b-4a5f-9d52-0c6b7a8e9f10"
NAMES = ["a.pdf", "b/c.pdf", "b/é b+c%20.pdf", "q?.pdf", "#h.pdf", "A.pdf"]


@pytest.fixture(params=["folder", "s3", "s3 with prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield ObjectStore.open((tmp_path / "a folder").as_uri())
        return
    with aws():
        make_bucket("artifacts")
        yield ObjectStore.open("s3://artifacts" + ("/some/prefix/" if "prefix" in request.param else ""))


def listed(store: ObjectStore, prefix: str) -> list[str]:
    return sorted(name for page in store.names_below(prefix) for name in page)


def test_names_are_those_of_the_prefix_and_no_others(store: ObjectStore) -> None:
    for name in NAMES:
        store.put(f"forms/{FORM}/{name}", [b"x"])
    for key in (f"forms/{FORM}0/a.pdf", "forms/a.pdf", f"imports/{FORM}/a.pdf"):
        store.put(key, [b"x"])
    assert listed(store, f"forms/{FORM}/") == sorted(NAMES)
    assert listed(store, "forms/nobody/") == []


def test_presence_is_to_the_letter(store: ObjectStore) -> None:
    for name in NAMES:
        store.put(f"forms/{FORM}/{name}", [b"x"])
    files = FormFiles(store, FORM)
    asked = pl.Series([*NAMES, "a.PDF", "a.pdf ", "b/c", "b", "", "zzz", "\0", "b/é b+c .pdf"])
    assert files.present(asked).to_list() == [True] * len(NAMES) + [False] * 8
    assert FormFiles(store, "nobody").present(asked).any() is False


def test_more_than_a_page_is_listed_and_listed_once_for_all_threads(store: ObjectStore) -> None:
    names = [f"{number:04}" for number in range(2_100)]
    for name in names:
        store.put(f"forms/{FORM}/{name}", [b""])
    files = FormFiles(store, FORM)
    answers: list[bool] = []
    asked = pl.Series([*names, "2100"])
    with patch.object(store, "names_below", wraps=store.names_below) as listing:
        threads = [Thread(target=lambda: answers.append(files.present(asked).sum() == 2_100)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [True] * 4
    assert listing.call_count == 1


def test_keys_that_no_path_has_do_not_end_the_listing() -> None:
    with aws():
        make_bucket("artifacts")
        for key in ("", "/x.pdf", "../x.pdf", "x//y.pdf", "a.pdf"):
            boto3.client("s3").put_object(Bucket="artifacts", Key=f"forms/{FORM}/{key}", Body=b"x")
        assert listed(ObjectStore.open("s3://artifacts"), f"forms/{FORM}/") == sorted(
            ["", "/x.pdf", "../x.pdf", "x//y.pdf", "a.pdf"]
        )


def test_without_permission_the_sentence_names_it() -> None:
    with aws():
        make_bucket("artifacts")
        iam = boto3.client("iam")
        iam.create_user(UserName="worker")
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="worker", PolicyName="least", PolicyDocument=policy)
        key = iam.create_access_key(UserName="worker")["AccessKey"]
        own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        with patch.dict("os.environ", own), enable_iam_authentication():
            files = FormFiles(ObjectStore.open("s3://artifacts/p"), FORM)
            with pytest.raises(UsageError, match="allow s3:ListBucket on arn:aws:s3:::artifacts") as caught:
                files.present(pl.Series(["a.pdf"]))
        assert f"s3:prefix is like p/forms/{FORM}/*" in str(caught.value)


def test_a_missing_bucket_is_named_and_a_silent_server_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws(), pytest.raises(UsageError, match="no bucket nowhere"):
        listed(ObjectStore.open("s3://nowhere"), "forms/x/")
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ObjectStoreUnavailable, match="could not be listed"):
        listed(ObjectStore.open("s3://artifacts"), "forms/x/")
