"""One database for all of a module's files: jobs do not meet each other, and a fresh one costs as much as an import."""

from collections.abc import Iterator

import pytest

from import_worker.objects import ObjectStore
from tests.support.file_importer import FileImporter
from tests.support.host import Host
from tests.support.in_process import InProcess
from tests.support.postgres import Server


@pytest.fixture(scope="module")
def desk(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileImporter]:
    folder = tmp_path_factory.mktemp("desk")
    artifacts = (folder / "artifacts").as_uri()
    with postgres.fresh_database() as url:
        host = Host(url, ObjectStore.open(artifacts))
        run = InProcess(
            {
                "DatabaseUrl": url,
                "SIN_ARTIFACTS_BUCKET": artifacts,
                "SIN_IMPORT_HOME": str(folder / "home"),
                "SIN_IMPORT_CHUNK_BYTES": "65536",
                "SIN_IMPORT_CONNECTIONS": "2",
            }
        )
        yield FileImporter(run, host, folder)
        host.close()
