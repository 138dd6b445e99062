"""Loads a file into one PostgreSQL table by dlt, without any checks. Arguments: file, database URL, folder."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import dlt


def main(file: str, url: str, folder: str) -> None:
    def members() -> Iterator[dict[str, str]]:
        with Path(file).open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)

    parts = urlsplit(url)
    host = parse_qs(parts.query)["host"][0]  # the folder of a Unix socket
    postgres = dlt.destinations.postgres(f"postgresql://{parts.username}:none@{quote(host, safe='')}{parts.path}")
    pipeline = dlt.pipeline("members", pipelines_dir=folder, destination=postgres, dataset_name="dlt_members")
    pipeline.run(members(), table_name="members", write_disposition="replace")


main(*sys.argv[1:4])
