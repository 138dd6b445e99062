"""Submits and imports files through the command line, one after the other."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from import_worker.options import JobOptions
from tests.corpus.file_case import FileCase, RowError
from tests.support.cli import Result
from tests.support.host import Host
from tests.support.in_process import InProcess


@dataclass(frozen=True)
class ImportOutcome:
    """The outcome of importing a file. ``document`` is what ``submit --run --json`` printed; None if nothing."""

    result: Result
    document: Any
    payloads: list[dict[str, Any]]
    errors: list[RowError]

    @property
    def job_id(self) -> UUID:
        return UUID(self.document["jobId"])


@dataclass(frozen=True)
class FileImporter:
    run: InProcess
    host: Host
    folder: Path

    def submit(self, case: FileCase, *more: object, data: bytes | None = None) -> Result:
        """``submit`` of the case's file, or of ``data`` in its place, with its form, mapping and options."""
        folder = self.folder / str(uuid4())
        folder.mkdir()
        file, form, mapping = folder / case.file_name, folder / "form.json", folder / "mapping.json"
        file.write_bytes(case.make() if data is None else data)
        form.write_text(json.dumps({"fields": case.fields}))
        arguments: list[object] = ["submit", file, "--form", form, *case.submit_arguments()]
        if case.mapping is not None:
            mapping.write_text(json.dumps(case.mapping))
            arguments += ["--mapping", mapping]
        return self.run(*arguments, *more, "--again", "--json")

    def import_file(self, case: FileCase, *, data: bytes | None = None) -> ImportOutcome:
        result = self.submit(case, "--run", data=data)
        if not result.out:
            return ImportOutcome(result, None, [], [])
        job_id = UUID(result.json["jobId"])
        return ImportOutcome(result, result.json, self.host.payloads(job_id), self.errors_of(job_id))

    def run_unchecked(self, case: FileCase) -> tuple[Result, UUID]:
        """Runs a job that the host made for the case's file, without the checks of ``submit``."""
        job_id = self.host.job(case.make(), form_id=self.host.form({"fields": case.fields}))
        options = JobOptions.parse(dict(case.options)).changed()
        self.host.query(
            "INSERT INTO import_worker.jobs (job_id, options, mapping) VALUES (%s, %s, %s)",
            *(job_id, Jsonb(options), None if case.mapping is None else Jsonb(case.mapping)),
        )
        return self.run("run", "--job-id", job_id, "--json"), job_id

    def refusal(self, case: FileCase) -> tuple[str, str]:
        """Why the case's file is not imported, by code and sentence, which `submit` and `run` agree on."""
        refused = self.submit(case, "--run")
        assert refused.code == 2, refused.err
        failed, _ = self.run_unchecked(case)
        assert failed.code == 3, failed.err
        summary = failed.json["errorSummary"]
        said = (refused.json["reason"], refused.json["problem"])
        assert (summary["reason"], summary["message"]) == said
        return said

    def errors_of(self, job_id: UUID) -> list[RowError]:
        """The job's errors, from ``errors --json``."""
        document = self.run("errors", job_id, "--limit", 10_000, "--json").json
        return [
            RowError(row["rowNumber"], row["line"], row["fieldKey"], row["errorType"], row["rawValue"])
            for row in document["errors"]
        ]
