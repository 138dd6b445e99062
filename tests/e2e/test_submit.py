"""`submit`: whatever can be refused is refused before anything is stored, and a file goes into a form once."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from import_worker.objects import ObjectStore
from tests.support.aws import aws, make_bucket
from tests.support.cli import Cli, Result
from tests.support.host import SIMPLE_FORM, Host
from tests.support.in_process import InProcess

PEOPLE = "name,age,email\nAda,36,ada@example.org\nBea,41,bea@example.org\n"
TABLES = (
    *("forms", "form_versions", "import_jobs", "audit_logs", "form_submissions"),
    *("import_worker.jobs", "import_worker.events", "import_worker.attempts"),
)


@pytest.fixture
def submit(cli: Cli, tmp_path: Path) -> Callable[..., Result]:
    """``submit`` of a text, or a file, with the simple form unless another is named."""
    run = InProcess.like(cli)

    def call(what: str | bytes | Path = PEOPLE, *arguments: object, form: object = SIMPLE_FORM, **more: str) -> Result:
        file = tmp_path / "people.csv"
        if isinstance(what, Path):
            file = what
        else:
            file.write_bytes(what.encode() if isinstance(what, str) else what)
        if not {"--form", "--form-id"} & set(map(str, arguments)):
            (tmp_path / "people.json").write_text(json.dumps(form))
            arguments = ("--form", tmp_path / "people.json", *arguments)
        return run("submit", file, *arguments, **more)

    return call


def _state(host: Host, artifacts: str) -> object:
    """Every row that a submit could write, and every object."""
    folder = Path(ObjectStore.open(artifacts).locate("."))
    rows = {table: host.query(f"SELECT * FROM {table}") for table in TABLES}
    return rows, sorted(path for path in folder.rglob("*") if path.is_file())


@dataclass(frozen=True)
class Wrong:
    """``arguments`` may be made by the host's side."""

    name: str
    says: str
    reason: str | None = None
    what: str | bytes = PEOPLE
    arguments: Callable[[Host], list[object]] = field(default=lambda _: [])
    form: object = field(default_factory=lambda: SIMPLE_FORM)

    def __str__(self) -> str:
        return self.name


def _draft(host: Host) -> list[object]:
    host.query("UPDATE forms SET status = 'archived' WHERE id = %s", host.form())
    host.query("UPDATE forms SET slug = 'people' WHERE status = 'archived'")
    return []


WRONG = [
    Wrong("an unknown form", "does not exist", "form_not_found", arguments=lambda _: ["--form-id", _JOB]),
    Wrong(
        "a form of another organisation",
        "does not belong",
        "form_not_found",
        arguments=lambda host: [
            *("--organization", "local", "--form-id", host.form(organization_id=host.organization()))
        ],
    ),
    Wrong(
        "a draft",
        "it is draft",
        "form_not_published",
        arguments=lambda host: ["--form-id", host.form(status="draft")],
    ),
    Wrong("a form's file whose form is archived", "that is archived", "form_not_published", arguments=_draft),
    Wrong(
        "a template that is not there",
        "does not exist",
        "mapping_template_missing",
        arguments=lambda _: ["--mapping-template-id", _JOB],
    ),
    Wrong(
        "a stranger",
        "may not import",
        "actor_not_authorized",
        arguments=lambda host: ["--user", host.user()],
    ),
    Wrong("a header of no use", "No header of the file matches", "mapped_header_missing", "colour,size\nred,3\n"),
    Wrong("a required field without a column", "is required", "required_field_not_mapped", "age,email\n3,a@b.ca\n"),
    Wrong("an empty file", "The file is empty", "source_file_empty", ""),
    Wrong("a header alone", "a header but no rows", "source_file_empty", "name,age\n"),
    Wrong("a PDF", "PDF", "unsupported_format", b"%PDF-1.7\n" + b"x" * 100),
    Wrong(
        "a date format that is none",
        "the format 'DD.MM' needs a year",
        "invalid_mapping",
        arguments=lambda _: ["--option", "date_formats=DD.MM"],
    ),
    Wrong("an option that is none", "no job option 'delimeter'", arguments=lambda _: ["--option", "delimeter=;"]),
    Wrong("a form that is none", "cannot be used", form={"fields": "none"}),
    Wrong("an unknown organisation", "no organisation 'x'", arguments=lambda _: ["--organization", "x"]),
    Wrong("an unknown user", "no user 'x'", arguments=lambda _: ["--user", "x"]),
]
_JOB = "00000000-0000-4000-8000-00000000dead"


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("more", [[], ["--json", "--run"]], ids=["", "json"])
def test_what_is_refused_leaves_nothing_behind(
    wrong: Wrong, more: list[str], submit: Callable[..., Result], host: Host, artifacts: str
) -> None:
    arguments = wrong.arguments(host)
    before = _state(host, artifacts)
    result = submit(wrong.what, *arguments, *more, form=wrong.form)
    assert result.code == 2, (result.out, result.err)
    assert wrong.says in " ".join(result.err.split())
    assert result.err.count("error: ") == 1
    assert _state(host, artifacts) == before
    if more:
        if wrong.reason is None:
            assert result.out == ""
        else:
            assert (result.json["jobId"], result.json["reason"]) == (None, wrong.reason)
            assert wrong.says in result.json["problem"]
    else:
        assert "job " not in result.out


def test_a_damage_far_behind_the_beginning_is_refused_as_well(
    submit: Callable[..., Result], host: Host, artifacts: str
) -> None:
    import gzip

    data = gzip.compress(b"name,age\n" + b"".join(b"Ada %d,36\n" % number for number in range(400_000)))
    before = _state(host, artifacts)
    result = submit(data[:-1_000])
    assert result.code == 2, result.err
    assert "gzip data ends in the middle" in result.err
    assert "gzip" in result.out, "what it is, and what would feed what, is shown all the same"
    assert _state(host, artifacts) == before
    assert submit(data).code == 0


def test_the_match_is_shown_with_the_fields_that_get_nothing(submit: Callable[..., Result]) -> None:
    shown = submit("Name;Agee;Shoes\nAda;36;38\n", "--json")
    assert shown.code == 0, shown.err
    document = shown.json
    assert document["mapping"] == {"Name": "name", "Agee": None, "Shoes": None}
    assert document["missing"] == {"age": "Agee", "email": None}
    assert (document["rows"], document["problem"], document["reason"]) == (1, None, None)
    lines = [line.split() for line in submit("Name;Agee;Shoes\nAda;37;38\n").out.splitlines()]
    assert ["Agee", "(ignored)"] in lines
    assert ["age", "Agee"] in lines
    assert ["email", "(none)"] in lines
    refused = submit("Nam;Age\nAda;36\n", "--json")
    assert refused.json["reason"] == "required_field_not_mapped"
    assert refused.json["mapping"] == {"Nam": None, "Age": "age"}
    assert refused.json["missing"] == {"name": "Nam", "email": None}


def test_a_file_that_the_form_has_got_wants_again(submit: Callable[..., Result], host: Host, artifacts: str) -> None:
    first = submit(PEOPLE, "--run", "--json")
    assert first.code == 0, first.err
    before = _state(host, artifacts)
    told = submit(PEOPLE)
    assert told.code == 2
    assert f"by job {first.json['jobId']} (completed, 20" in told.err
    assert "add --again" in told.err
    document = submit(PEOPLE, "--json").json
    assert (document["jobId"], document["reason"]) == (None, "already_submitted")
    assert document["earlierJob"]["jobId"] == first.json["jobId"]
    assert _state(host, artifacts) == before
    again = submit(PEOPLE, "--again", "--run", "--json")
    assert again.code == 0, again.err
    assert again.json["jobId"] != first.json["jobId"]
    assert host.value("SELECT count(*) FROM form_submissions") == 4


def test_another_form_is_another_target(submit: Callable[..., Result], host: Host) -> None:
    assert submit(PEOPLE).code == 0
    assert submit(PEOPLE, "--form-id", host.form()).code == 0
    assert submit(PEOPLE, form={"fields": SIMPLE_FORM["fields"][:2]}).code == 2, "another version is the same form"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("status = 'pending'", True),
        ("status = 'validating'", True),
        ("status = 'importing'", True),
        ("status = 'validated'", True),
        ("status = 'rolled_back'", False),
        ("status = 'rolled_back', error_summary = '{\"keptCount\": 0}'", False),
        ("status = 'rolled_back', error_summary = '{\"keptCount\": 2}'", True),
        ("status = 'failed'", True),
        ("status = 'cancelled'", True),
        ("source_file_hash = upper(source_file_hash)", True),
    ],
)
def test_which_earlier_jobs_count(change: str, refused: bool, submit: Callable[..., Result], host: Host) -> None:
    assert submit(PEOPLE, "--run").code == 0
    host.query(f"UPDATE import_jobs SET {change}")
    assert (submit().code == 2) is refused


def test_a_job_all_of_whose_rows_were_rejected_does_not_count(submit: Callable[..., Result]) -> None:
    assert submit("name,age\nAda,old\n", "--run").code == 0
    assert submit("name,age\nAda,old\n", "--run").code == 0


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_ended_without_rows_does_not_count(status: str, submit: Callable[..., Result], host: Host) -> None:
    assert submit(PEOPLE, "--dry-run", "--run").code == 0
    host.query("UPDATE import_jobs SET status = %s", status)
    assert submit().code == 0
    host.query("DELETE FROM import_worker.jobs")
    host.query("UPDATE import_jobs SET status = %s, progress_checkpoint = 1", status)
    assert submit().code == 2, "another program's job, of which rows went in"


def test_two_at_the_same_moment_become_one_job(submit: Callable[..., Result], cli: Cli, tmp_path: Path) -> None:
    assert submit().code == 0  # writes the files
    (tmp_path / "other.csv").write_text(PEOPLE + "Cleo,20,\n")
    call = ["submit", tmp_path / "other.csv", "--form", tmp_path / "people.json"]
    with cli.start(*call) as one, cli.start(*call) as two:
        codes = sorted((one.wait(60), two.wait(60)))
    assert codes == [0, 2]


def test_a_dry_run_may_be_asked_for_at_submit(submit: Callable[..., Result], cli: Cli, host: Host) -> None:
    dry = submit(PEOPLE, "--dry-run", "--run", "--json")
    assert (dry.code, dry.json["status"]) == (0, "validated")
    told = submit()
    assert f"run that job: `import-worker run --job-id {dry.json['jobId']}`" in told.err
    later = submit(PEOPLE, "--dry-run", "--again", "--json")
    assert cli("run", "--jobId", later.json["jobId"], "--json").json["status"] == "validated"
    assert host.value("SELECT count(*) FROM form_submissions") == 0
    assert cli("run", "--jobId", later.json["jobId"], "--json").json["status"] == "completed"
    assert host.value("SELECT count(*) FROM form_submissions") == 2


def _piped(cli: Cli, data: bytes | None, *arguments: object, **more: Any) -> tuple[int, str, str]:
    """``submit`` as a process of its own, with that on its standard input."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "import_worker", "submit", *map(str, arguments)],
        env=kept | cli.environment,
        input=data,
        capture_output=True,
        timeout=100,
        check=False,
        **more,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_file_comes_through_standard_input(name: str, cli: Cli, host: Host) -> None:
    code, out, err = _piped(cli, PEOPLE.encode(), name, "--form-id", host.form(), "--run", "--json")
    assert code == 0, err
    document = json.loads(out)
    assert document["sourceFileKey"].endswith("/stdin")
    assert document["stats"]["rows_succeeded"] == 2


def test_a_named_pipe_is_read_like_one(cli: Cli, host: Host, tmp_path: Path) -> None:
    pipe = tmp_path / "members.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(PEOPLE,))
    writer.start()
    result = cli("submit", pipe, "--form-id", host.form(), "--json")
    writer.join(10)
    assert result.code == 0, result.err
    assert result.json["sourceFileKey"].endswith("/members.csv")
    assert host.read(result.json["sourceFileKey"]) == PEOPLE


def test_what_is_no_file_is_called_by_its_name(cli: Cli, host: Host, tmp_path: Path, artifacts: str) -> None:
    form_id = host.form()
    before = _state(host, artifacts)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, says in (
            (tmp_path, "is a folder; name one file in it"),
            (tmp_path / "gone.csv", "There is no file"),
            ("/dev/null", "is a device"),
            (tmp_path / "socket", "is a socket"),
        ):
            code, out, err = _piped(cli, b"", name, "--form-id", form_id)
            assert (code, out) == (2, ""), err
            assert says in " ".join(err.split())
    code, _, err = _piped(cli, b"", "-", "--form-id", form_id)
    assert code == 2
    assert "The file is empty" in err
    code, _, err = _piped(cli, None, "-", "--form-id", form_id, preexec_fn=lambda: os.close(0))
    assert code == 2
    assert "Standard input is closed" in err
    assert _state(host, artifacts) == before


@pytest.fixture
def bucket(cli: Cli) -> Iterator[Cli]:
    with aws() as environment:
        make_bucket("artifacts")
        yield Cli(cli.environment | environment | {"SIN_ARTIFACTS_BUCKET": "artifacts"})


def test_nothing_is_left_in_a_bucket_either(bucket: Cli, host: Host, tmp_path: Path) -> None:
    import boto3

    (tmp_path / "file.csv").write_text("colour\nred\n")
    assert bucket("submit", tmp_path / "file.csv", "--form-id", host.form()).code == 2
    assert boto3.client("s3").list_objects_v2(Bucket="artifacts")["KeyCount"] == 0


def test_a_role_that_may_make_no_jobs_is_told_before_the_file_is_stored(
    submit: Callable[..., Result], host: Host, artifacts: str
) -> None:
    host.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE insufficient_privilege; END $$"
    )
    host.query("CREATE TRIGGER refuse BEFORE INSERT ON import_jobs FOR EACH ROW EXECUTE FUNCTION refuse()")
    before = _state(host, artifacts)
    result = submit()
    assert result.code == 2, result.err
    assert "lacks a privilege" in result.err
    assert _state(host, artifacts) == before
