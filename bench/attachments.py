"""Adds two file fields to the benchmark's member registry."""

import csv
import json
from pathlib import Path

FILE_FIELDS = [
    {"key": "report", "type": "file", "label": "Report"},
    {"key": "photo", "type": "file", "label": "Photo"},
]
OBJECTS = 2_000


def store_files(artifacts: Path, form_id: str) -> None:
    """Puts the objects that the cells refer to into the folder of the object store."""
    folder = artifacts / "forms" / form_id
    folder.mkdir(parents=True)
    for number in range(OBJECTS):
        (folder / _name(number)).touch()


def with_files(file: Path, form_id: str) -> Path:
    """A copy of a CSV file with the cells of both fields in every row, no two of them alike."""
    copy = file.with_suffix(".files.csv")
    with file.open(newline="", encoding="utf-8") as source, copy.open("w", newline="", encoding="utf-8") as target:
        reader, writer = csv.reader(source), csv.writer(target)
        writer.writerow([*next(reader), *(field["label"] for field in FILE_FIELDS)])
        for number, row in enumerate(reader):
            writer.writerow([*row, *(_cell(number, place, form_id) for place in range(len(FILE_FIELDS)))])
    return copy


def _cell(number: int, place: int, form_id: str) -> str:
    return json.dumps(
        {
            "fileName": f"{FILE_FIELDS[place]['key']} {number}.pdf",
            "mimeType": "application/pdf",
            "sizeBytes": 1_000 + number,
            "storageKey": f"forms/{form_id}/{_name((number + place) % OBJECTS)}",
        }
    )


def _name(number: int) -> str:
    return f"{number:05}.pdf"
