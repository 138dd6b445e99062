-- The host's tables (contract section 4), for a database that has no Solstice in it. Used by `init --standalone` and by the
-- embedded default only; each statement leaves alone what exists.

CREATE TABLE IF NOT EXISTS organizations (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name           text NOT NULL,
    slug           text NOT NULL UNIQUE,
    type           text NOT NULL DEFAULT 'club',
    parent_org_id  uuid REFERENCES organizations,
    status         text NOT NULL DEFAULT 'active',
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS "user" (
    id              text PRIMARY KEY,
    name            text NOT NULL,
    email           text NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS organization_members (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id          text NOT NULL REFERENCES "user" ON DELETE CASCADE,
    organization_id  uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    role             text NOT NULL CHECK (role IN ('owner', 'admin', 'reporter', 'viewer', 'member')),
    status           text NOT NULL DEFAULT 'active' CHECK (status IN ('pending', 'active', 'suspended', 'removed')),
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, organization_id)
);

CREATE TABLE IF NOT EXISTS delegated_access (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    delegate_user_id  text NOT NULL REFERENCES "user" ON DELETE CASCADE,
    organization_id   uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    scope             text NOT NULL CHECK (scope IN ('reporting', 'analytics', 'admin')),
    expires_at        timestamptz,
    revoked_at        timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS forms (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id  uuid REFERENCES organizations,
    name             text NOT NULL,
    slug             text NOT NULL,
    description      text,
    status           text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'archived')),
    created_by       text REFERENCES "user",
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS form_versions (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    form_id         uuid NOT NULL REFERENCES forms ON DELETE CASCADE,
    version_number  int NOT NULL,
    definition      jsonb NOT NULL,
    published_at    timestamptz,
    published_by    text REFERENCES "user",
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (form_id, version_number)
);

DO $$ BEGIN
    IF to_regtype('form_submission_status') IS NULL THEN
        CREATE TYPE form_submission_status AS ENUM
            ('draft', 'submitted', 'under_review', 'changes_requested', 'approved', 'rejected');
    END IF;
    IF to_regtype('import_job_type') IS NULL THEN
        CREATE TYPE import_job_type AS ENUM ('csv', 'excel');
    END IF;
    IF to_regtype('import_job_lane') IS NULL THEN
        CREATE TYPE import_job_lane AS ENUM ('interactive', 'batch');
    END IF;
    IF to_regtype('import_job_status') IS NULL THEN
        CREATE TYPE import_job_status AS ENUM
            ('pending', 'validating', 'validated', 'importing', 'completed', 'failed', 'cancelled', 'rolled_back');
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS form_submissions (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    form_id             uuid NOT NULL REFERENCES forms,
    form_version_id     uuid NOT NULL REFERENCES form_versions,
    organization_id     uuid NOT NULL REFERENCES organizations,
    import_job_id       uuid,
    submitter_id        text REFERENCES "user",
    status              form_submission_status NOT NULL DEFAULT 'draft',
    payload             jsonb NOT NULL DEFAULT '{}',
    completeness_score  int NOT NULL DEFAULT 0,
    missing_fields      jsonb NOT NULL DEFAULT '[]',
    validation_errors   jsonb NOT NULL DEFAULT '[]',
    submitted_at        timestamptz,
    reviewed_by         text REFERENCES "user",
    reviewed_at         timestamptz,
    review_notes        text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS form_submissions_form_id_idx ON form_submissions (form_id);
CREATE INDEX IF NOT EXISTS form_submissions_organization_id_idx ON form_submissions (organization_id);

CREATE TABLE IF NOT EXISTS form_submission_versions (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    submission_id     uuid NOT NULL REFERENCES form_submissions ON DELETE CASCADE,
    version_number    int NOT NULL,
    payload_snapshot  jsonb NOT NULL,
    changed_by        text REFERENCES "user",
    change_reason     text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (submission_id, version_number)
);

CREATE TABLE IF NOT EXISTS import_mapping_templates (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id  uuid NOT NULL REFERENCES organizations,
    name             text NOT NULL,
    description      text,
    target_form_id   uuid REFERENCES forms,
    mappings         jsonb NOT NULL,
    created_by       text REFERENCES "user",
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS import_jobs (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id      uuid NOT NULL REFERENCES organizations,
    type                 import_job_type NOT NULL,
    lane                 import_job_lane NOT NULL,
    source_file_key      text NOT NULL,
    source_file_hash     text,
    source_row_count     int,
    target_form_id       uuid REFERENCES forms,
    mapping_template_id  uuid REFERENCES import_mapping_templates,
    status               import_job_status NOT NULL DEFAULT 'pending',
    progress_checkpoint  int NOT NULL DEFAULT 0,
    stats                jsonb,
    error_report_key     text,
    error_summary        jsonb,
    can_rollback         boolean NOT NULL DEFAULT true,
    rollback_before      timestamptz,
    created_by           text NOT NULL REFERENCES "user",
    created_at           timestamptz NOT NULL DEFAULT now(),
    started_at           timestamptz,
    completed_at         timestamptz
);

CREATE TABLE IF NOT EXISTS import_job_errors (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id         uuid NOT NULL REFERENCES import_jobs ON DELETE CASCADE,
    row_number     int NOT NULL,
    field_key      text,
    error_type     text NOT NULL,
    error_message  text NOT NULL,
    raw_value      text,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS import_job_errors_job_id_idx ON import_job_errors (job_id);

CREATE TABLE IF NOT EXISTS audit_logs (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    occurred_at      timestamptz NOT NULL DEFAULT now(),
    actor_user_id    text,
    actor_org_id     uuid,
    actor_ip         text,
    actor_user_agent text,
    action           text NOT NULL,
    action_category  text NOT NULL,
    target_type      text,
    target_id        text,
    target_org_id    uuid,
    changes          jsonb,
    metadata         jsonb,
    request_id       text,
    prev_hash        text,
    entry_hash       text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS audit_logs_newest ON audit_logs (created_at DESC, id DESC);

CREATE TABLE IF NOT EXISTS submission_files (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    submission_id  uuid NOT NULL REFERENCES form_submissions ON DELETE CASCADE,
    field_key      text NOT NULL,
    file_name      text NOT NULL,
    mime_type      text NOT NULL,
    size_bytes     int NOT NULL,
    checksum       text NOT NULL,
    storage_key    text NOT NULL,
    uploaded_by    text REFERENCES "user",
    created_at     timestamptz NOT NULL DEFAULT now()
);
