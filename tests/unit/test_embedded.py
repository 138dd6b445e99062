"""What the embedded server needs of the machine; that it starts is seen by every other test."""

import os
import shutil

import pytest

from import_worker.local.embedded import system_programs_on_path


def test_useradd_is_found_by_a_path_that_does_not_name_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with system_programs_on_path():
        assert shutil.which("useradd")
    assert os.environ["PATH"] == "/usr/bin:/bin"
