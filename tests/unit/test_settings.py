"""Settings that depend on the machine."""

import pwd
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from import_worker.settings import Settings


def _no_entry(_: int) -> NoReturn:
    raise KeyError("uid not found")


def test_a_user_without_a_home_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "SIN_IMPORT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", _no_entry)
    assert Settings.load().home == Path(tempfile.gettempdir()) / "solstice-import-worker"
