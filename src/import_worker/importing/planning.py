"""Making a job's plan: check the actor, find form version and mapping, and cut the source into chunks."""

from collections.abc import Callable, Sequence

from import_worker.chunk import Chunk
from import_worker.database.connection import Connection
from import_worker.database.host import (
    Actor,
    FormVersion,
    actor_may_import,
    get_form_status,
    get_mapping_template,
    get_published_version,
)
from import_worker.database.import_jobs import WorkerJob
from import_worker.errors import FailureReason, JobFailed
from import_worker.forms.definition import FormDefinition
from import_worker.forms.header_mapping import HeaderMapping
from import_worker.forms.header_names import header_counter, match_headers
from import_worker.forms.joining import bind
from import_worker.forms.types.date_formats import DateFormat
from import_worker.forms.validator import Validator
from import_worker.importing.attempt import Attempt
from import_worker.importing.lookups import check_lookups
from import_worker.importing.staleness import get_given_mapping
from import_worker.job import Job
from import_worker.objects import ObjectChanged, ObjectMissing
from import_worker.options import JobOptions
from import_worker.plan import JobPlan, normalized_key
from import_worker.sources.cut.chunks import check_size
from import_worker.sources.plan import plan_source


def plan_job(
    connection: Connection, attempt: Attempt, job: Job, worker_job: WorkerJob, checkpoint: Callable[[], None]
) -> tuple[JobPlan, tuple[Chunk, ...]]:
    """Reads the source once and returns the plan and its chunks; writes nothing to the database. ``checkpoint`` is
    called every few thousand rows and may raise to stop.

    What can be refused without reading the file is refused first. Raises JobFailed with the reason (no retry helps), or
    DatabaseUnavailable or ObjectStoreUnavailable (a retry may).
    """
    store, progress = attempt.store, attempt.planning
    check_actor(connection, job, attempt.actor)
    _check_source_key(job)
    version, form = find_form(connection, job)
    given = find_mapping(connection, job, worker_job)
    options = JobOptions.parse(worker_job.options)
    text_key = normalized_key(job.id, attempt.number)
    try:
        info = store.head(job.source_file_key)
        check_size(info.size)
        progress.start(info.size)
        source = plan_source(
            lambda: progress.count_blocks(store.stream(job.source_file_key, info)),
            options,
            attempt.chunk_bytes,
            count_expected=header_counter(form, given),
            open_normalized=lambda: store.writer(text_key),
            check_header=lambda header: _check_header(connection, form, given, header, options),
            checkpoint=checkpoint,
            on_rows=progress.count_rows,
        )
    except ObjectMissing:
        raise JobFailed(
            FailureReason.SOURCE_FILE_MISSING,
            f"The file {job.source_file_key} is not in the bucket; upload it again.",
        ) from None
    except ObjectChanged:
        raise JobFailed(
            FailureReason.SOURCE_FILE_CHANGED,
            f"The file {job.source_file_key} was replaced while it was read; submit it again.",
        ) from None
    if job.source_file_hash and job.source_file_hash.lower() != source.sha256:
        raise JobFailed(
            FailureReason.SOURCE_FILE_HASH_MISMATCH,
            "The file in the bucket is not the one that was submitted (its SHA-256 differs); submit it again.",
            expected=job.source_file_hash.lower(),
            found=source.sha256,
        )
    normalized = None
    if source.normalized:
        written = store.head(text_key)
        normalized = {"key": text_key, "etag": written.etag, "size": written.size}
    mapping = compile_mapping(form, given, source.header, options)
    plan = JobPlan(
        source_key=job.source_file_key,
        etag=info.etag,
        size=info.size,
        sha256=source.sha256,
        dialect=source.dialect.to_json(),
        header=list(source.header),
        header_record=source.header_record,
        form_id=str(job.target_form_id),
        form_version_id=str(version.id),
        definition=version.definition if isinstance(version.definition, dict) else {},
        mapping=mapping.to_json(),
        options=options.changed(),
        actor=attempt.actor.user_id,
        rows_total=source.row_count,
        format=source.format.to_json() | ({"templateRows": source.template_rows} if source.template_rows else {}),
        normalized=normalized,
        job_created_at=job.created_at.isoformat(),
        given={"mapping": get_given_mapping(connection, job, worker_job)},
        file_fields=_file_fields(form, mapping),
    )
    return plan, source.chunks


def compile_mapping(
    form: FormDefinition, given: HeaderMapping | None, header: Sequence[str], options: JobOptions
) -> HeaderMapping:
    """The mapping that the job's rows are validated by. Raises JobFailed when form, mapping and header do not go
    together."""
    mapping = match_headers(header, form) if given is None else given
    mapping = _add_date_formats(mapping, options.date_formats)
    Validator(form, bind(form, mapping, header))
    return mapping


def _check_header(
    connection: Connection,
    form: FormDefinition,
    given: HeaderMapping | None,
    header: Sequence[str],
    options: JobOptions,
) -> None:
    """Checks the header against form, mapping and lookups before the rest of the file is read. Raises JobFailed, or
    UsageError for a privilege that the role lacks."""
    mapping = compile_mapping(form, given, header, options)
    check_lookups(connection, Validator(form, bind(form, mapping, header)).lookups)


def _file_fields(form: FormDefinition, mapping: HeaderMapping) -> list[str]:
    mapped = {entry.field for entry in mapping.entries.values()}
    return [field.key for field in form.fields if field.type.describes_file and field.key in mapped]


def check_actor(connection: Connection, job: Job, actor: Actor) -> None:
    """Raises JobFailed ``actor_not_authorized``."""
    if not actor_may_import(connection, actor, job.organization_id):
        raise JobFailed(
            FailureReason.ACTOR_NOT_AUTHORIZED,
            f"The user {actor.user_id} may not import for this organisation; an active member of it or of an"
            " organisation above it, someone with delegated access to one of these, or a holder of an admin role of the"
            " platform may.",
        )


def _check_source_key(job: Job) -> None:
    prefix = f"imports/{job.organization_id}/"
    segments = job.source_file_key.split("/")
    if not job.source_file_key.startswith(prefix) or any(part in ("", ".", "..") for part in segments):
        raise JobFailed(
            FailureReason.SOURCE_OUTSIDE_ORGANIZATION,
            f"The source file's key must lie under {prefix}; upload the file there.",
        )


def find_form(connection: Connection, job: Job) -> tuple[FormVersion, FormDefinition]:
    """The form's published version, and its definition. Raises JobFailed ``form_not_found``, ``form_not_published`` or
    ``invalid_form_definition``."""
    status = (
        None if job.target_form_id is None else get_form_status(connection, job.target_form_id, job.organization_id)
    )
    if job.target_form_id is None or status is None:
        raise JobFailed(
            FailureReason.FORM_NOT_FOUND,
            "The job's form does not exist or does not belong to this organisation; name another form.",
        )
    version = get_published_version(connection, job.target_form_id) if status == "published" else None
    if version is None:
        why = "it has no published version" if status == "published" else f"it is {status}"
        raise JobFailed(
            FailureReason.FORM_NOT_PUBLISHED,
            f"The job's form is not published ({why}); publish it and submit again.",
        )
    return version, FormDefinition.parse(version.definition)


def find_mapping(connection: Connection, job: Job, worker_job: WorkerJob) -> HeaderMapping | None:
    """The mapping that was given, or None when headers are to be matched by name. Raises JobFailed
    ``mapping_template_missing`` or ``invalid_mapping``."""
    if worker_job.mapping is not None:
        return HeaderMapping.parse(worker_job.mapping)
    if job.mapping_template_id is None:
        return None
    template = get_mapping_template(connection, job.mapping_template_id, job.organization_id)
    if template is None:
        raise JobFailed(
            FailureReason.MAPPING_TEMPLATE_MISSING,
            "The job's mapping template does not exist or belongs to another organisation; name another.",
        )
    mapping, form_id = template
    if form_id is not None and form_id != job.target_form_id:
        raise JobFailed(
            FailureReason.INVALID_MAPPING,
            "The job's mapping template was made for another form; name a template of this form.",
        )
    return HeaderMapping.parse(mapping)


def _add_date_formats(mapping: HeaderMapping, formats: Sequence[str]) -> HeaderMapping:
    """Gives the job's date formats to each entry that names none itself. Raises JobFailed ``invalid_mapping``."""
    for text in formats:
        try:
            DateFormat.parse(text)
        except ValueError as error:
            raise JobFailed(
                FailureReason.INVALID_MAPPING, f"The job option date_formats is wrong: the format {text!r} {error}."
            ) from None
    if not formats:
        return mapping
    document: dict[str, object] = {}
    for header, entry in mapping.entries.items():
        written = entry.to_json()
        options = {"field": written} if isinstance(written, str) else written
        document[header] = {"date_formats": list(formats), **options}
    return HeaderMapping.parse(document)
