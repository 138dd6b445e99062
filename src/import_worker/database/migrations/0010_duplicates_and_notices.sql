-- Rows whose value of a unique field an earlier row has, or the form. The plan finds them, so that chunks need not know of
-- each other. No value is kept here.
CREATE TABLE import_worker.duplicates (
    job_id      uuid NOT NULL REFERENCES import_worker.jobs ON DELETE CASCADE,
    row_number  bigint NOT NULL,                 -- from 1
    field_key   text NOT NULL,
    first_row   bigint,                          -- the first row with the value; null where the form has it already
    PRIMARY KEY (job_id, row_number, field_key)
);

-- What a person may not have meant and no rule forbids, found by the plan. No value of a cell is in it.
ALTER TABLE import_worker.jobs ADD COLUMN notices jsonb;
