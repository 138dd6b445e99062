"""Reading the bytes of a planned chunk, from the version of the object that was planned."""

from import_worker.chunk import Chunk
from import_worker.errors import FailureReason, JobFailed
from import_worker.objects import ObjectChanged, ObjectMissing, ObjectStore
from import_worker.plan import JobPlan


def fetch_chunk(store: ObjectStore, plan: JobPlan, chunk: Chunk) -> bytes:
    """Raises JobFailed, or ObjectStoreUnavailable (a retry may help)."""
    try:
        return store.read_range(plan.read_key, plan.read_etag, chunk.first_byte, chunk.end_byte)
    except ObjectMissing:
        raise JobFailed(
            FailureReason.SOURCE_FILE_MISSING,
            f"The file {plan.read_key} was removed during the import; put it back and run the job with --retry.",
        ) from None
    except ObjectChanged:
        raise JobFailed(
            FailureReason.SOURCE_FILE_CHANGED,
            f"The file {plan.read_key} was replaced during the import; submit the new file as a job of its own.",
        ) from None
