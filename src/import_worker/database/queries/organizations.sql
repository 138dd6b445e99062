-- The host's organisations, their members and its users: who may import, and for whom.

-- fragment: ancestors
-- The beginning of a statement about %(organization_id)s and the organisations above it. The limit ends the recursion if a
-- host has made a cycle.
WITH RECURSIVE ancestors AS (
    SELECT id, parent_org_id, 0 AS distance FROM organizations WHERE id = %(organization_id)s
    UNION
    SELECT o.id, o.parent_org_id, a.distance + 1
      FROM organizations o JOIN ancestors a ON o.id = a.parent_org_id
     WHERE a.distance < 64
)

-- name: actor_may_import
-- Contract section 4, "who may", as the host's own guard has it: an active member of the organisation or of an ancestor,
-- somebody with delegated access to one of these, or a holder of one of the platform's admin roles.
{ancestors}
SELECT EXISTS (
           SELECT FROM organization_members m JOIN ancestors a ON a.id = m.organization_id
            WHERE m.user_id = %(actor)s AND m.status = 'active')
    OR EXISTS (
           SELECT FROM delegated_access d JOIN ancestors a ON a.id = d.organization_id
            WHERE d.delegate_user_id = %(actor)s
              AND d.revoked_at IS NULL AND (d.expires_at IS NULL OR d.expires_at > now()))
    OR EXISTS (
           SELECT FROM user_roles u JOIN roles r ON r.id = u.role_id
            WHERE u.user_id = %(actor)s AND r.name = ANY(%(admin_roles)s::text[])
              AND (u.expires_at IS NULL OR u.expires_at > now()))

-- name: find_user
-- The host's user with that id. No row when there is none.
SELECT id FROM "user" WHERE id = %(user_id)s

-- name: has_organization
-- A row if there is any organisation.
SELECT FROM organizations LIMIT 1

-- name: first_organizations
-- The ids of the two oldest organisations: enough to tell whether there is exactly one.
SELECT id FROM organizations ORDER BY created_at LIMIT 2

-- name: find_organization
-- The organisations with that id (in lower case) or slug.
SELECT id FROM organizations WHERE id::text = %(id)s OR slug = %(slug)s

-- name: find_owner
-- The first owner of an organisation, else its first admin; only active ones count.
SELECT user_id
  FROM organization_members
 WHERE organization_id = %(organization_id)s AND status = 'active' AND role IN ('owner', 'admin')
 ORDER BY role DESC, created_at
 LIMIT 1

-- name: create_local_organization
-- Makes the organisation of a database without a host application.
INSERT INTO organizations (id, name, slug, type, status)
VALUES (%(organization_id)s, 'Local organisation', 'local', 'club', 'active')
ON CONFLICT DO NOTHING

-- name: create_local_user
-- Makes that organisation's only user.
INSERT INTO "user" (id, name, email, email_verified, created_at, updated_at, profile_complete, profile_version, mfa_required,
                    two_factor_enabled)
VALUES (%(user_id)s, 'Local user', 'local@localhost.invalid', true, now(), now(), true, 1, false, false)
ON CONFLICT DO NOTHING

-- name: create_local_owner
-- Makes the user its owner.
INSERT INTO organization_members (user_id, organization_id, role, status)
VALUES (%(user_id)s, %(organization_id)s, 'owner', 'active')
ON CONFLICT DO NOTHING
