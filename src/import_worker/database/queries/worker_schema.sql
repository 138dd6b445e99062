-- The schema import_worker and its migrations.

-- name: lock_schema
-- Makes an `init` wait for another one that runs at the same time. Any constant would do.
SELECT pg_advisory_xact_lock(328023)

-- name: create_schema
-- Makes the worker's schema, unless it is there.
CREATE SCHEMA IF NOT EXISTS import_worker

-- name: create_migrations
-- Makes the table of applied migrations, unless it is there.
CREATE TABLE IF NOT EXISTS import_worker.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())

-- name: record_migration
-- Notes that a migration is applied, in its transaction.
INSERT INTO import_worker.migrations (name) VALUES (%(name)s)

-- name: worker_schema
-- For doctor: whether the worker's schema is there and may be used, and its migrations; all null without the schema.
SELECT n.oid IS NOT NULL AS there, pg_get_userbyid(n.nspowner)::text AS owner,
       coalesce(pg_has_role(n.nspowner, 'MEMBER'), false) AS owned, coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS may_use,
       c.oid IS NOT NULL AS migrated, coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS may_read
  FROM (SELECT 1) one
  LEFT JOIN pg_namespace n ON n.nspname = 'import_worker'
  LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'migrations'

-- name: applied_migrations
-- The names of the migrations that the database has, in order.
SELECT name FROM import_worker.migrations ORDER BY name

-- name: worker_tables
-- For doctor: the tables of the worker's schema, whoever may use them.
SELECT c.oid::bigint AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'import_worker' AND c.relkind = 'r'
 ORDER BY c.relname
