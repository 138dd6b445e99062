-- The host's tables (contract section 4), for a database that has no Solstice in it: the same columns, types, nulls, defaults, keys
-- and indexes as the host's own migrations make. Used by `init --standalone` and by the embedded default only. What stands behind a
-- `-- table:` line is run where there is no such table; one that is there is left alone, indexes and all. A test holds this file
-- against the host's catalogue (tests/support/host_tables.json).

DO $$ BEGIN
    IF to_regtype('delegated_access_scope') IS NULL THEN
        CREATE TYPE delegated_access_scope AS ENUM ('reporting', 'analytics', 'admin');
    END IF;
    IF to_regtype('form_status') IS NULL THEN
        CREATE TYPE form_status AS ENUM ('draft', 'published', 'archived');
    END IF;
    IF to_regtype('form_submission_status') IS NULL THEN
        CREATE TYPE form_submission_status AS ENUM
            ('draft', 'submitted', 'under_review', 'changes_requested', 'approved', 'rejected');
    END IF;
    IF to_regtype('import_lane') IS NULL THEN
        CREATE TYPE import_lane AS ENUM ('interactive', 'batch');
    END IF;
    IF to_regtype('import_status') IS NULL THEN
        CREATE TYPE import_status AS ENUM
            ('pending', 'validating', 'validated', 'importing', 'completed', 'failed', 'cancelled', 'rolled_back');
    END IF;
    IF to_regtype('import_type') IS NULL THEN
        CREATE TYPE import_type AS ENUM ('csv', 'excel');
    END IF;
    IF to_regtype('organization_member_role') IS NULL THEN
        CREATE TYPE organization_member_role AS ENUM ('owner', 'admin', 'reporter', 'viewer', 'member');
    END IF;
    IF to_regtype('organization_member_status') IS NULL THEN
        CREATE TYPE organization_member_status AS ENUM ('pending', 'active', 'suspended', 'removed');
    END IF;
    IF to_regtype('organization_status') IS NULL THEN
        CREATE TYPE organization_status AS ENUM ('pending', 'active', 'suspended', 'archived');
    END IF;
    IF to_regtype('organization_type') IS NULL THEN
        CREATE TYPE organization_type AS ENUM ('governing_body', 'pso', 'league', 'club', 'affiliate');
    END IF;
END $$;

-- table: organizations
CREATE TABLE organizations (
    id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name                   text NOT NULL,
    slug                   text NOT NULL,
    type                   organization_type NOT NULL,
    parent_org_id          uuid REFERENCES organizations,
    status                 organization_status NOT NULL DEFAULT 'active',
    is_discoverable        boolean NOT NULL DEFAULT false,
    join_requests_enabled  boolean NOT NULL DEFAULT false,
    settings               jsonb NOT NULL DEFAULT '{}',
    metadata               jsonb NOT NULL DEFAULT '{}',
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON organizations (parent_org_id);
CREATE UNIQUE INDEX ON organizations (slug);

-- table: user
CREATE TABLE "user" (
    id                  text PRIMARY KEY,
    name                text NOT NULL,
    email               text NOT NULL UNIQUE,
    email_verified      boolean NOT NULL,
    image               text,
    created_at          timestamp NOT NULL,
    updated_at          timestamp NOT NULL,
    profile_complete    boolean NOT NULL,
    date_of_birth       timestamp,
    emergency_contact   text,
    gender              text,
    pronouns            text,
    phone               text,
    privacy_settings    text,
    profile_version     int NOT NULL,
    profile_updated_at  timestamp,
    mfa_required        boolean NOT NULL,
    mfa_enrolled_at     timestamp,
    two_factor_enabled  boolean NOT NULL
);

-- table: session
CREATE TABLE session (
    id                text PRIMARY KEY,
    expires_at        timestamp NOT NULL,
    token             text NOT NULL UNIQUE,
    created_at        timestamp NOT NULL,
    updated_at        timestamp NOT NULL,
    last_activity_at  timestamp,
    ip_address        text,
    user_agent        text,
    user_id           text NOT NULL REFERENCES "user" ON DELETE CASCADE
);

-- table: organization_members
CREATE TABLE organization_members (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id          text NOT NULL REFERENCES "user" ON DELETE CASCADE,
    organization_id  uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    role             organization_member_role NOT NULL,
    status           organization_member_status NOT NULL DEFAULT 'pending',
    invited_by       text REFERENCES "user",
    invited_at       timestamptz,
    approved_by      text REFERENCES "user",
    approved_at      timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON organization_members (organization_id) WHERE status = 'active';
CREATE INDEX ON organization_members (user_id) WHERE status = 'active';
CREATE UNIQUE INDEX ON organization_members (user_id, organization_id);

-- table: delegated_access
CREATE TABLE delegated_access (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    delegate_user_id  text NOT NULL REFERENCES "user" ON DELETE CASCADE,
    organization_id   uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    scope             delegated_access_scope NOT NULL,
    granted_by        text NOT NULL REFERENCES "user",
    granted_at        timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz,
    revoked_at        timestamptz,
    revoked_by        text REFERENCES "user",
    notes             text
);
CREATE INDEX ON delegated_access (delegate_user_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX ON delegated_access (delegate_user_id, organization_id, scope) WHERE revoked_at IS NULL;

-- table: roles
CREATE TABLE roles (
    id           text PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    description  text,
    permissions  jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);

-- table: user_roles
CREATE TABLE user_roles (
    id           text PRIMARY KEY,
    user_id      text NOT NULL REFERENCES "user" ON DELETE CASCADE,
    role_id      text NOT NULL REFERENCES roles ON DELETE CASCADE,
    team_id      text,
    event_id     text,
    assigned_by  text NOT NULL REFERENCES "user",
    assigned_at  timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    notes        text
);
CREATE INDEX ON user_roles (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX ON user_roles (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX ON user_roles (user_id, role_id, team_id, event_id);
CREATE INDEX ON user_roles (user_id);

-- table: forms
CREATE TABLE forms (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id  uuid REFERENCES organizations,
    name             text NOT NULL,
    slug             text NOT NULL,
    description      text,
    status           form_status NOT NULL DEFAULT 'draft',
    created_by       text NOT NULL REFERENCES "user",
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ON forms (organization_id, slug);

-- table: form_versions
CREATE TABLE form_versions (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    form_id         uuid NOT NULL REFERENCES forms ON DELETE CASCADE,
    version_number  int NOT NULL,
    definition      jsonb NOT NULL,
    published_at    timestamptz,
    published_by    text REFERENCES "user",
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ON form_versions (form_id, version_number);

-- table: form_submissions
CREATE TABLE form_submissions (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    form_id             uuid NOT NULL REFERENCES forms,
    form_version_id     uuid NOT NULL REFERENCES form_versions,
    organization_id     uuid NOT NULL REFERENCES organizations,
    import_job_id       uuid,
    submitter_id        text REFERENCES "user",
    status              form_submission_status NOT NULL DEFAULT 'draft',
    payload             jsonb NOT NULL,
    completeness_score  int,
    missing_fields      jsonb DEFAULT '[]',
    validation_errors   jsonb DEFAULT '[]',
    submitted_at        timestamptz,
    reviewed_by         text REFERENCES "user",
    reviewed_at         timestamptz,
    review_notes        text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now()
);

-- table: form_submission_versions
CREATE TABLE form_submission_versions (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    submission_id     uuid NOT NULL REFERENCES form_submissions ON DELETE CASCADE,
    version_number    int NOT NULL,
    payload_snapshot  jsonb NOT NULL,
    changed_by        text REFERENCES "user",
    change_reason     text,
    created_at        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ON form_submission_versions (submission_id, version_number);

-- table: submission_files
CREATE TABLE submission_files (
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

-- table: import_jobs
CREATE TABLE import_jobs (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id      uuid NOT NULL REFERENCES organizations,
    type                 import_type NOT NULL,
    lane                 import_lane NOT NULL,
    source_file_key      text NOT NULL,
    source_file_hash     text NOT NULL,
    source_row_count     int,
    target_form_id       uuid REFERENCES forms,
    mapping_template_id  uuid,
    status               import_status NOT NULL DEFAULT 'pending',
    progress_checkpoint  int DEFAULT 0,
    stats                jsonb NOT NULL DEFAULT '{}',
    error_report_key     text,
    error_summary        jsonb DEFAULT '{}',
    can_rollback         boolean NOT NULL DEFAULT true,
    rollback_before      timestamptz,
    created_by           text NOT NULL REFERENCES "user",
    created_at           timestamptz NOT NULL DEFAULT now(),
    started_at           timestamptz,
    completed_at         timestamptz
);

-- table: import_mapping_templates
CREATE TABLE import_mapping_templates (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id         uuid REFERENCES organizations,
    name                    text NOT NULL,
    description             text,
    target_form_id          uuid REFERENCES forms,
    mappings                jsonb NOT NULL,
    created_by              text NOT NULL REFERENCES "user",
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    target_form_version_id  uuid REFERENCES form_versions
);

-- table: import_templates
CREATE TABLE import_templates (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id  uuid REFERENCES organizations,
    form_id          uuid NOT NULL REFERENCES forms,
    form_version_id  uuid NOT NULL REFERENCES form_versions,
    name             text NOT NULL,
    description      text,
    columns          jsonb NOT NULL,
    defaults         jsonb NOT NULL DEFAULT '{}',
    created_by       text NOT NULL REFERENCES "user",
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON import_templates (form_id, form_version_id);
CREATE INDEX ON import_templates (organization_id, form_id);

-- table: import_job_errors
CREATE TABLE import_job_errors (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id         uuid NOT NULL REFERENCES import_jobs ON DELETE CASCADE,
    row_number     int NOT NULL,
    field_key      text,
    error_type     text NOT NULL,
    error_message  text NOT NULL,
    raw_value      text,
    created_at     timestamptz NOT NULL DEFAULT now()
);

-- table: audit_logs
CREATE TABLE audit_logs (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    occurred_at       timestamptz NOT NULL DEFAULT now(),
    actor_user_id     text REFERENCES "user",
    actor_org_id      uuid REFERENCES organizations,
    actor_ip          inet,
    actor_user_agent  text,
    action            text NOT NULL,
    action_category   text NOT NULL,
    target_type       text,
    target_id         text,
    target_org_id     uuid REFERENCES organizations,
    changes           jsonb,
    metadata          jsonb NOT NULL DEFAULT '{}',
    request_id        text NOT NULL,
    prev_hash         text,
    entry_hash        text NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON audit_logs (action_category, occurred_at);
CREATE INDEX ON audit_logs (actor_user_id, occurred_at);
CREATE INDEX ON audit_logs (target_org_id, occurred_at);
CREATE INDEX ON audit_logs (request_id);
CREATE INDEX ON audit_logs (target_type, target_id, occurred_at);
