-- What a rollback needs to respect people: the ids of the transactions that wrote a chunk's rows (a row that carries another one was
-- written since), and what was asked for.
ALTER TABLE import_worker.chunks ADD COLUMN xact_id xid8;      -- the chunk's own transaction: its age tells whether the ids still say anything
ALTER TABLE import_worker.chunks ADD COLUMN row_xacts xid[];   -- xmin of its rows: several where savepoints were used
ALTER TABLE import_worker.requests ADD COLUMN edited text CHECK (edited IN ('keep', 'take'));  -- what becomes of edited rows; null: keep
ALTER TABLE import_worker.requests ADD COLUMN rows_taken bigint NOT NULL DEFAULT 0;            -- really deleted so far

-- Rows of a job that its rollback leaves in, and why. Filled batch by batch, with the rows that are taken out.
CREATE TABLE import_worker.kept_rows (
    job_id         uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    submission_id  uuid NOT NULL,
    reason         text NOT NULL CHECK (reason IN ('edited', 'referred')),
    PRIMARY KEY (job_id, submission_id)
);
