"""Metrics in the Embedded Metric Format: the rules of AWS's specification, and sums that are right."""

import io
import threading
import time
from uuid import UUID

import pytest

from import_worker.chunk import ChunkResult
from import_worker.telemetry.log_fields import bind_attempt_to_logs, bind_job_to_logs
from import_worker.telemetry.metrics import UNITS, EmbeddedMetrics, Metrics, NoMetrics
from tests.support.embedded_metrics import metric_names, read_documents, total

RESULT = ChunkResult(
    rows_succeeded=8,
    rows_failed=2,
    error_count=3,
    read_seconds=0.01,
    validate_seconds=0.02,
    copy_seconds=0.03,
    versions_seconds=0.04,
)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def metrics(out: io.StringIO) -> EmbeddedMetrics:
    return EmbeddedMetrics(out, "prod")


def test_a_job_with_few_chunks_is_one_document(metrics: EmbeddedMetrics, out: io.StringIO) -> None:
    with bind_job_to_logs(UUID(int=7)):
        bind_attempt_to_logs(3)
        metrics.chunk_done(RESULT, 0.125, 0.01)
        metrics.chunk_done(RESULT, 0.25, 0.01)
        metrics.job_ended("JobsCompleted", 12.5)
    (document,) = read_documents(out.getvalue())
    rate = document.pop("RowsPerSecond")
    assert rate > 0
    assert document.pop("_aws")["CloudWatchMetrics"][0]["Namespace"] == "Solstice/Imports"
    assert document == {
        "Stage": "prod",
        "JobId": str(UUID(int=7)),
        "Attempt": 3,
        "RowsProcessed": 20,
        "RowsRejected": 4,
        "ChunkMilliseconds": [125.0, 250.0],
        "JobSeconds": 12.5,
        "JobsCompleted": 1,
        "ReadSeconds": 0.02,
        "ValidateSeconds": 0.04,
        "CopySeconds": 0.06,
        "VersionsSeconds": 0.08,
        "CommitSeconds": 0.02,
    }


def test_no_document_has_more_than_a_hundred_values(metrics: EmbeddedMetrics, out: io.StringIO) -> None:
    def work() -> None:
        for _ in range(125):
            metrics.chunk_done(RESULT, 0.001, 0.01)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics.job_ended("JobsInterrupted")
    documents = read_documents(out.getvalue())
    assert [len(document.get("ChunkMilliseconds", [])) for document in documents] == [100] * 5 + [0]
    assert total(documents, "RowsProcessed") == 5_000
    assert total(documents, "RowsRejected") == 1_000
    assert total(documents, "JobsInterrupted") == 1
    assert "JobSeconds" not in documents[-1]


def test_a_long_job_is_told_of_meanwhile(
    metrics: EmbeddedMetrics, out: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics.chunk_done(RESULT, 0.1, 0.01)
    assert out.getvalue() == ""
    monkeypatch.setattr("import_worker.telemetry.metrics.FLUSH_SECONDS", 0.01)
    time.sleep(0.02)
    metrics.chunk_done(RESULT, 0.1, 0.01)
    assert total(read_documents(out.getvalue()), "RowsProcessed") == 20


def test_nothing_is_written_when_nothing_happened(metrics: EmbeddedMetrics, out: io.StringIO) -> None:
    metrics.flush()
    metrics.jobs_reaped(0)
    assert out.getvalue() == ""
    metrics.jobs_reaped(2)
    metrics.flush()
    (document,) = read_documents(out.getvalue())
    assert document["JobsReaped"] == 2


def test_a_reader_that_has_gone_away_does_not_stop_the_import(metrics: EmbeddedMetrics, out: io.StringIO) -> None:
    out.close()
    metrics.chunk_done(RESULT, 0.1, 0.01)
    metrics.job_ended("JobsCompleted", 1.0)


def _all(metrics: Metrics) -> None:
    metrics.chunk_done(RESULT, 0.1, 0.01)
    metrics.job_ended("JobsFailed")
    metrics.job_ended("JobsInterrupted")
    metrics.job_ended("JobsCompleted", 1.0)
    metrics.jobs_reaped(1)
    metrics.flush()


def test_every_metric_has_a_unit_and_is_written(metrics: EmbeddedMetrics, out: io.StringIO) -> None:
    _all(metrics)
    written = {name for document in read_documents(out.getvalue()) for name in metric_names(document)}
    assert written == set(UNITS)


def test_without_a_collector_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    _all(NoMetrics())
    assert capsys.readouterr().out == ""
