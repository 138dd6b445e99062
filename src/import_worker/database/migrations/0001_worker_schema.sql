-- The worker's own tables. Host tables are never altered and nothing here refers to them by foreign key, so that the
-- host needs to know nothing of this schema and can drop it.

CREATE SCHEMA IF NOT EXISTS import_worker;

-- One row per job the worker has seen. Its row lock serialises planning, finishing and changes of status;
-- chunk transactions hold it FOR SHARE, so that a status never changes under a chunk's feet.
CREATE TABLE import_worker.jobs (
    job_id        uuid PRIMARY KEY,
    options       jsonb NOT NULL DEFAULT '{}',   -- job options, as given
    mapping       jsonb,                         -- the mapping given at submit, when there is no template
    plan          jsonb,                         -- source version, dialect, header, form version, mapping; null until planned
    rows_total    bigint,
    dry_run       boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    planned_at    timestamptz
);

-- A chunk is a byte range of whole records. Its row is the claim (its lock), and the checkpoint (state).
CREATE TABLE import_worker.chunks (
    job_id            uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    number            int NOT NULL,
    first_byte        bigint NOT NULL,           -- from 0
    end_byte          bigint NOT NULL,           -- exclusive
    first_row         bigint NOT NULL,           -- from 1
    row_count         int NOT NULL,
    first_line        bigint NOT NULL,           -- from 1
    state             text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
    attempt           int,                       -- the attempt that finished it
    done_at           timestamptz,
    rows_succeeded    int,
    rows_failed       int,
    error_count       int,
    read_seconds      real,
    validate_seconds  real,
    copy_seconds      real,
    versions_seconds  real,
    PRIMARY KEY (job_id, number)
);
CREATE INDEX chunks_pending ON import_worker.chunks (job_id, number) WHERE state = 'pending';

-- Every error of every row: the reports are made of this.
CREATE TABLE import_worker.errors (
    job_id         uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    row_number     bigint NOT NULL,              -- from 1
    ordinal        int NOT NULL,                 -- order among the row's errors, from 1
    field_key      text,
    error_type     text NOT NULL,
    error_message  text NOT NULL,
    raw_value      text,
    column_name    text,
    line           bigint,                       -- physical line, from 1
    PRIMARY KEY (job_id, row_number, ordinal)
);

-- One row per worker that took the job. For people, for the limit on attempts and for reap; never for correctness.
CREATE TABLE import_worker.attempts (
    job_id        uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    attempt       int NOT NULL,
    worker        text NOT NULL,                 -- host:pid
    started_at    timestamptz NOT NULL DEFAULT now(),
    heartbeat_at  timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    outcome       text,                          -- completed, validated, failed, interrupted, error, refused; null while it runs
    message       text,
    PRIMARY KEY (job_id, attempt)
);

-- Outbox of the events, written in the transaction they tell of.
CREATE TABLE import_worker.events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id      uuid NOT NULL,
    type        text NOT NULL,                   -- solstice.import.*
    data        jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at     timestamptz
);
CREATE INDEX events_of_job ON import_worker.events (job_id, id);
CREATE INDEX events_unsent ON import_worker.events (id) WHERE sent_at IS NULL;
