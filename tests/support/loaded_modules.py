"""Lists the libraries that the program has loaded when it ends. It does not measure time, which depends on the
machine."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What an editable install and the coverage of tests load by themselves is there before the program begins.
_RUNNER = """
import json, sys
before = set(sys.modules)
from pathlib import Path
from import_worker.__main__ import main
code = 0
try:
    main()
except SystemExit as error:
    code = error.code
loaded = {}
for name in set(sys.modules) - before:
    file = getattr(sys.modules[name], "__file__", None)
    if file and "site-packages" in Path(file).parts:
        loaded[name.partition(".")[0]] = file
ours = [name for name in sys.modules if name.partition(".")[0] == "import_worker"]
Path(sys.argv[0]).write_text(json.dumps([code, sorted(loaded), sorted(ours)]))
"""


@dataclass(frozen=True)
class LoadedModules:
    """``libraries``: top-level packages of others; ``modules``: those of the program. ``code``: its exit code."""

    code: int
    libraries: frozenset[str]
    modules: frozenset[str]
    out: str
    err: str


def list_loaded(folder: Path, environment: Mapping[str, str], *arguments: object) -> LoadedModules:
    """Runs the program in a process of its own. ``folder`` takes the list."""
    report = folder / "import-worker"  # the program's name, as its help shows it
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv[0] = {str(report)!r}\n{_RUNNER}", *map(str, arguments)],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert report.exists(), done.stderr
    code, libraries, modules = json.loads(report.read_text())
    return LoadedModules(code, frozenset(libraries), frozenset(modules), done.stdout, done.stderr)
