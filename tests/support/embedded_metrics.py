"""Reading the Embedded Metric Format as CloudWatch does, strictly.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from typing import Any

UNITS = {"Count", "Milliseconds", "Seconds", "Count/Second"}
"""Those of CloudWatch's StandardUnit that we use."""


def read_documents(text: str) -> list[dict[str, Any]]:
    """Every line of a program's standard output as a document, each checked by the rules of the specification."""
    documents = [json.loads(line) for line in text.splitlines()]
    for line, document in zip(text.splitlines(), documents, strict=True):
        assert len(line.encode()) <= 256 * 1024
        assert set(document["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
        assert abs(document["_aws"]["Timestamp"] / 1000 - time.time()) < 3600
        (directive,) = document["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Solstice/Imports"
        assert directive["Dimensions"] == [["Stage"]]
        assert isinstance(document["Stage"], str)
        assert 0 < len(document["Stage"]) <= 1024
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) == {"Name", "Unit"}
            assert metric["Unit"] in UNITS
            values = _values(document, metric["Name"])
            assert 1 <= len(values) <= 100
            assert all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        nested = [name for name, value in document.items() if name != "_aws" and isinstance(value, dict | list)]
        assert set(nested) <= set(metric_names(document))
    return documents


def metric_names(document: dict[str, Any]) -> list[str]:
    return [metric["Name"] for metric in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]]


def total(documents: list[dict[str, Any]], name: str) -> float:
    """The sum that CloudWatch would show."""
    return sum(sum(_values(document, name)) for document in documents if name in metric_names(document))


def count(documents: list[dict[str, Any]], name: str) -> int:
    """The number of samples that CloudWatch would show."""
    return sum(len(_values(document, name)) for document in documents if name in metric_names(document))


def _values(document: dict[str, Any], name: str) -> list[float]:
    value = document[name]
    return value if isinstance(value, list) else [value]
