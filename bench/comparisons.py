"""The rows of contract section 12, each measured against what it names."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench.attachments import FILE_FIELDS, store_files, with_files
from bench.baselines import export_validated_rows, insert_pairs, load_by_psql, run_tool, sha256sum
from bench.limit import export_ready_rows, load_at_the_limit
from bench.process import CommandFailed, Measured
from bench.result import Result
from bench.rounds import measure_in_turn, median_of
from bench.start import measure_starts
from bench.undo import rollback_beside_others
from bench.workplace import Workplace
from import_worker.local.sample import FORM

MIB = 1 << 20
OURS = "import-worker"


@dataclass(frozen=True)
class Scale:
    """The size of the benchmark. ``seconds``: after this time no further round of a comparison begins."""

    rows: int = 300_000
    many_rows: int = 1_000_000
    pairs: int = 2_000
    others: tuple[int, int] = (1_000_000, 10_000_000)
    """How many rows of another table stand beside what a rollback takes out."""
    rounds: int = 2
    seconds: float = 60.0


@dataclass(frozen=True)
class Comparisons:
    place: Workplace
    scale: Scale
    python: str | None
    """A Python that has DuckDB and dlt; without it, comparisons with these are left out."""
    report: Callable[[str], object]

    def all(self) -> Iterator[tuple[str, Callable[[], list[Result]]]]:
        yield "psql", self.import_against_psql
        yield "rejects", self.bad_rows
        yield "files", self.file_fields
        yield "resume", self.resume
        yield "unique", self.unique
        yield "dry-run", self.dry_run_against_duckdb
        yield "connections", self.connections
        yield "dlt", self.dlt
        yield "rollback", self.rollback
        yield "start", partial(measure_starts, self.place)

    def import_against_psql(self) -> list[Result]:
        """Compares with the limit, psql, INSERT pairs and sha256sum, and measures memory: these share their runs."""
        place, rows = self.place, self.scale.many_rows
        file = place.file(rows)
        job_id, first = self._import(rows)
        lines, ready = export_validated_rows(place, job_id), export_ready_rows(place, job_id)
        planning, peaks = list[float](), [first.peak_bytes]

        def ours() -> float:
            job_id, done = self._import(rows)
            planning.append(self._planning_seconds(job_id))
            peaks.append(done.peak_bytes)
            return done.seconds

        def limit() -> float:
            place.clear()
            seconds = load_at_the_limit(place, ready)
            self._expect(rows)
            return seconds

        def psql() -> float:
            place.clear()
            seconds = load_by_psql(place, lines, job_id)
            self._expect(rows)
            return seconds

        ways: dict[str, Callable[[], float]] = {OURS: ours, "limit": limit, "psql": psql}
        figures = measure_in_turn(ways, rounds=self.scale.rounds, seconds=2 * self.scale.seconds)
        place.clear()
        pairs = insert_pairs(place, lines, self.scale.pairs) / self.scale.pairs
        sums = [sha256sum(file) for _ in planning]
        own, limited, other = (rows / median_of(figures, name) for name in ways)
        speed = {"rows/s": own}
        both = {"planning": planning, "sha256sum": sums}
        size = file.stat().st_size / 1e6
        return [
            Result("import against the limit", own / limited, goal=0.75, figures=speed | {"limit rows/s": limited}),
            Result(
                "import against psql's \\copy", own / other, goal=3.5, figures={"rows/s": own, "psql rows/s": other}
            ),
            Result("import against INSERT pairs", own * pairs, goal=60, figures=speed | {"pairs/s": 1 / pairs}),
            Result(
                "planning against sha256sum",
                median_of(both, "sha256sum") / median_of(both, "planning"),
                goal=0.5,
                figures={
                    "MB/s": size / median_of(both, "planning"),
                    "sha256sum MB/s": size / median_of(both, "sha256sum"),
                },
            ),
            Result(f"memory at {rows:,} rows", max(peaks) / MIB, "MiB", goal=400, at_least=False),
        ]

    def bad_rows(self) -> list[Result]:
        rows, peaks = self.scale.rows, dict[float, float]()

        def run(bad_share: float) -> float:
            self.place.clear()
            done = self.place.run(self.place.submit(self.place.file(rows, bad_share=bad_share)))
            peaks[bad_share] = max(peaks.get(bad_share, 0), done.peak_bytes / MIB)
            return done.seconds

        ways = {f"{share:.0%} bad": partial(run, share) for share in (0.0, 0.01, 1.0)}
        figures = measure_in_turn(ways, rounds=self.scale.rounds, seconds=self.scale.seconds)
        speeds = {name: rows / median_of(figures, name) for name in figures}
        made_of = {f"{name} rows/s": speed for name, speed in speeds.items()}
        all_bad, some_bad = (speeds[name] / speeds["0% bad"] for name in ("100% bad", "1% bad"))
        return [
            Result("every row bad against every row good", all_bad, goal=0.5, figures=made_of),
            Result("1 % bad against every row good", some_bad, goal=0.5),
            Result("memory with every row bad", peaks[1.0], "MiB", goal=400, at_least=False),
        ]

    def file_fields(self) -> list[Result]:
        """Imports the same rows into the same form, with two file fields filled and without."""
        rows, place = min(self.scale.rows, 100_000), self.place
        form_id = place.form({"fields": [*FORM["fields"], *FILE_FIELDS]})
        store_files(place.folder / "artifacts", form_id)
        files = {"without": place.file(rows), "with files": with_files(place.file(rows), form_id)}

        def run(name: str) -> float:
            place.clear()
            seconds = place.run(place.submit(files[name], form_id)).seconds
            wanted = 2 * rows if name == "with files" else 0
            if place.query("SELECT count(*) FROM submission_files")[0] != wanted:
                raise CommandFailed(f"not every file of {rows:,} rows is in")
            return seconds

        figures = measure_in_turn(
            {name: partial(run, name) for name in files}, rounds=2 * self.scale.rounds, seconds=30
        )
        speeds = {f"{name} rows/s": rows / median_of(figures, name) for name in files}
        ratio = median_of(figures, "without") / median_of(figures, "with files")
        return [Result("file fields against without", ratio, goal=0.6, figures=speeds)]

    def resume(self) -> list[Result]:
        rows, redone = self.scale.many_rows, 0
        file = self.place.file(rows)

        def interrupted() -> float:
            nonlocal redone
            self.place.clear()
            job_id = self.place.submit(file)
            done = self.place.kill_at_half(job_id)
            seconds = self.place.run(job_id).seconds
            kept = self.place.query(
                "SELECT count(*) FROM import_worker.chunks WHERE job_id = %s AND attempt = 1", job_id
            )[0]
            redone += done - int(kept)
            self._expect(rows)
            return seconds

        ways: dict[str, Callable[[], float]] = {"whole": lambda: self._import(rows)[1].seconds, "resumed": interrupted}
        times = measure_in_turn(ways, rounds=self.scale.rounds, seconds=self.scale.seconds)
        shares = [resumed / whole for whole, resumed in zip(times["whole"], times["resumed"], strict=True)]
        figures = {f"{name} s": median_of(times, name) for name in times}
        return [
            Result("resumed after a kill at half-way", median(shares), goal=0.6, at_least=False, figures=figures),
            Result("finished chunks redone", redone, "chunks", goal=0, at_least=False),
        ]

    def unique(self) -> list[Result]:
        """Compares an import with a unique field, which needs the file to be read twice, with one without."""
        rows, peaks = self.scale.many_rows, list[int]()
        file = self.place.file(rows)
        asked = {"importValidation": {"type": "unique_in_import"}}
        fields = [field | asked if field["key"] == "member_number" else field for field in FORM["fields"]]
        unique = self.place.form({**FORM, "fields": fields})

        def run(form_id: str | None) -> float:
            self.place.clear()
            done = self.place.run(self.place.submit(file, form_id))
            self._expect(rows)
            if form_id is not None:
                peaks.append(done.peak_bytes)
            return done.seconds

        ways = {"without": partial(run, None), "unique": partial(run, unique)}
        times = measure_in_turn(ways, rounds=self.scale.rounds, seconds=self.scale.seconds)
        ratio = median_of(times, "unique") / median_of(times, "without")
        figures = {f"{name} s": median_of(times, name) for name in times}
        return [
            Result("unique field against without", ratio, goal=1.3, at_least=False, figures=figures),
            Result("memory with a unique field", max(peaks) / MIB, "MiB", goal=400, at_least=False),
        ]

    def dry_run_against_duckdb(self) -> list[Result]:
        if self.python is None:
            return []
        rows, python = self.scale.many_rows, self.python
        file = self.place.file(rows)

        def ours() -> float:
            self.place.clear()
            return self.place.run(self.place.submit(file), "--dry-run").seconds

        def duckdb(*arguments: str) -> float:
            seconds, output = run_tool(python, "duckdb_checks", [file, *arguments])
            if output.split() != [str(rows), "0"]:
                raise CommandFailed(f"DuckDB found {output} among {rows} good rows")
            return seconds

        ways: dict[str, Callable[[], float]] = {OURS: ours, "DuckDB": duckdb}
        ways["DuckDB, checks alone"] = partial(duckdb, "checks")
        figures = measure_in_turn(ways, rounds=self.scale.rounds, seconds=self.scale.seconds)
        speeds = {name: rows / median_of(figures, name) for name in figures}
        made_of = {f"{name} rows/s": speed for name, speed in speeds.items()}
        return [Result("dry run against DuckDB", speeds[OURS] / speeds["DuckDB"], goal=1, figures=made_of)]

    def connections(self) -> list[Result]:
        """Measures the steps of a chunk, and the gain from more connections."""
        rows = self.scale.rows
        times: dict[int, dict[str, float]] = {}

        def run(count: int) -> float:
            self.place.clear()
            job_id = self.place.submit(self.place.file(rows))
            seconds = self.place.run(job_id, SIN_IMPORT_CONNECTIONS=count).seconds
            times[count] = self.place.chunk_seconds(job_id)
            return seconds

        ways = {str(count): partial(run, count) for count in (1, 2, 4)}
        figures = measure_in_turn(ways, rounds=self.scale.rounds, seconds=self.scale.seconds)
        speeds = {f"{name} rows/s": rows / median_of(figures, name) for name in figures}
        steps = {f"{name} µs/row": seconds / rows * 1e6 for name, seconds in times[2].items()}
        gain = speeds["2 rows/s"] / speeds["1 rows/s"]
        return [Result("two connections against one", gain, figures={**speeds, **steps})]

    def dlt(self) -> list[Result]:
        if self.python is None:
            return []
        rows = max(self.scale.rows // 5, 1)
        file = self.place.file(rows)
        try:
            seconds, _ = run_tool(self.python, "dlt_load", [file, self.place.url, self.place.folder / "dlt"])
        except CommandFailed as failure:
            self.report(f"dlt: left out ({str(failure).splitlines()[-1]})")
            return []
        own = self._import(rows)[1].seconds
        figures = {"rows/s": rows / own, "dlt rows/s": rows / seconds}
        return [Result("import against dlt (without checks, into one table)", seconds / own, figures=figures)]

    def rollback(self) -> list[Result]:
        return [rollback_beside_others(self.place, self.scale.many_rows, self.scale.others)]

    def _import(self, rows: int) -> tuple[str, Measured]:
        """Imports that many rows; returns the job's id and the measured run."""
        self.place.clear()
        job_id = self.place.submit(self.place.file(rows))
        done = self.place.run(job_id)
        if json.loads(done.output)["stats"]["rows_succeeded"] != rows:
            raise CommandFailed(f"not every row of {rows:,} is in: {done.output}")
        return job_id, done

    def _planning_seconds(self, job_id: str) -> float:
        row = self.place.query(
            "SELECT extract(epoch FROM max(created_at) FILTER (WHERE type = 'solstice.import.planned')"
            " - max(created_at) FILTER (WHERE type = 'solstice.import.started'))::float8"
            " FROM import_worker.events WHERE job_id = %s",
            job_id,
        )
        return float(row[0])

    def _expect(self, rows: int) -> None:
        counts = self.place.query(
            "SELECT (SELECT count(*) FROM form_submissions), (SELECT count(*) FROM form_submission_versions)"
        )
        if tuple(counts) != (rows, rows):
            raise CommandFailed(f"{counts} rows in the two tables instead of {rows:,}")
