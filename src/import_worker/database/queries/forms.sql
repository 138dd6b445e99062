-- The host's forms, their versions and the mapping templates.

-- name: find_named_form
-- The organisation's oldest form of that name, whatever its status.
SELECT id, status::text FROM forms WHERE organization_id = %(organization_id)s AND slug = %(slug)s ORDER BY created_at LIMIT 1

-- name: lock_named_form
-- The same form, locked until the transaction ends, so that two who publish it at once make versions one after the other.
SELECT id FROM forms WHERE organization_id = %(organization_id)s AND slug = %(slug)s ORDER BY created_at LIMIT 1 FOR UPDATE

-- name: create_form
-- Makes a form, published. Its version is made in the same transaction.
INSERT INTO forms (id, organization_id, name, slug, status, created_by, created_at, updated_at)
VALUES (%(form_id)s, %(organization_id)s, %(name)s, %(slug)s, 'published', %(user_id)s, now(), now())

-- name: compare_newest_version
-- The newest version's number, whether it is this definition, and whether it is published.
SELECT version_number, definition = %(definition)s, published_at IS NOT NULL
  FROM form_versions
 WHERE form_id = %(form_id)s
 ORDER BY version_number DESC
 LIMIT 1

-- name: create_form_version
-- Adds a published version to a form.
INSERT INTO form_versions (id, form_id, version_number, definition, published_at, published_by, created_at)
VALUES (%(version_id)s, %(form_id)s, %(version)s, %(definition)s, now(), %(user_id)s, now())

-- name: get_form
-- The form if the organisation may use it: its own, an ancestor's, or nobody's.
{ancestors}
SELECT f.status::text
  FROM forms f
 WHERE f.id = %(form_id)s AND (f.organization_id IS NULL OR f.organization_id IN (SELECT id FROM ancestors))

-- name: get_published_version
-- The newest published version of a form. No row when none is published.
SELECT id, definition
  FROM form_versions
 WHERE form_id = %(form_id)s AND published_at IS NOT NULL
 ORDER BY version_number DESC
 LIMIT 1

-- name: get_mapping_template
-- A template if the organisation may use it: its own, or nobody's, which is everybody's.
SELECT mappings, target_form_id
  FROM import_mapping_templates
 WHERE id = %(template_id)s AND (organization_id IS NULL OR organization_id = %(organization_id)s)
