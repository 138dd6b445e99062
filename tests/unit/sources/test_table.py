"""What a file is follows from its content."""

import gzip
import tempfile
from pathlib import Path

import pytest
import zstandard

from import_worker.errors import FailureReason, JobFailed, TransientError
from import_worker.sources.unpack.table import open_table
from tests.corpus.workbooks import write_workbook

TEXT = b"name,age\nAda,36\n"


def read(data: bytes, block: int = 5) -> tuple[bytes, tuple[str, ...], str | None]:
    blocks = (data[start : start + block] for start in range(0, len(data), block))
    with open_table(blocks, None, lambda: None) as table:
        return b"".join(table.blocks), table.wrapping, table.sheet


def test_what_is_wrapped_around_a_text_is_named_from_the_outside(tmp_path: Path) -> None:
    zstd = zstandard.ZstdCompressor().compress(TEXT)
    workbook = write_workbook("xlsx", [["name", "age"], ["Ada", 36]], tmp_path / "any.csv").read_bytes()
    assert read(TEXT) == (TEXT, (), None)
    assert read(gzip.compress(TEXT)) == (TEXT, ("gzip",), None)
    assert read(gzip.compress(zstd)) == (TEXT, ("gzip", "zstd"), None)
    assert read(gzip.compress(workbook)) == (TEXT, ("gzip", "xlsx"), "Sheet1")


@pytest.mark.parametrize("text", [b"PAR1,PAR2\n4,3\n", b"BZh,name\n1,Ada\n", b"GIF8,name\n1,Ada\n"])
def test_a_header_that_begins_like_a_signature_is_a_header(text: bytes) -> None:
    assert read(text) == (text, (), None)


def test_compressed_three_times_over_is_refused() -> None:
    with pytest.raises(JobFailed) as failure:
        read(gzip.compress(gzip.compress(gzip.compress(TEXT))))
    assert failure.value.reason is FailureReason.UNSUPPORTED_FORMAT


def test_nothing_is_left_of_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_workbook("ods", [["name"], ["Ada"]], tmp_path / "file").read_bytes()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with open_table(iter([data]), None, lambda: None) as table:
        assert not [path for path in (tmp_path / "temporary").rglob("*") if path.is_file()]
        assert b"".join(table.blocks) == b"name\nAda\n"
    assert not list((tmp_path / "temporary").iterdir())


def test_without_room_for_a_temporary_file_a_retry_may_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_workbook("xlsx", [["name"], ["Ada"]], tmp_path / "file").read_bytes()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(TransientError, match="name another folder with TMPDIR"):
        read(data)
