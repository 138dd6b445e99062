"""Which files of one form the object store has: listed once, when the first cell names a file."""

import threading

import polars as pl
import structlog

from import_worker.forms.types.file_place import ArtifactsAddress, FilePlace
from import_worker.objects import ObjectStore

log = structlog.stdlib.get_logger(__name__)


class FormFiles:
    """Which objects lie below ``forms/{formId}/``. Safe to share between threads.

    The names are kept sorted in one column: 200,000 of them take about 10 MB, where a set of strings takes three times
    as much. A file that is uploaded after the listing counts as missing.
    """

    def __init__(self, store: ObjectStore, form_id: str) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._names: pl.Series | None = None
        self.place = FilePlace(form_id, ArtifactsAddress(store.url, store.endpoint), self.present)

    def present(self, names: pl.Series) -> pl.Series:
        """Whether there is an object of each name (String, no nulls) below the form's prefix.

        The first call lists them. Raises UsageError (no permission), or ObjectStoreUnavailable (a retry may help).
        """
        with self._lock:
            if self._names is None:
                self._names = self._list()
        if self._names.is_empty():
            return pl.Series([False]).new_from_index(0, len(names))
        nearest = self._names.search_sorted(names).clip(0, len(self._names) - 1)
        return self._names.gather(nearest) == names

    def _list(self) -> pl.Series:
        prefix = self.place.prefix
        pages = [pl.Series(page, dtype=pl.String) for page in self._store.names_below(prefix)]
        names = pl.concat(pages, rechunk=True) if pages else pl.Series(dtype=pl.String)
        log.info("files listed", prefix=prefix, files=len(names))
        return names.sort()
