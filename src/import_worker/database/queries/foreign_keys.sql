-- Foreign keys of the loaded tables, and those that lead to them: how and when they are checked (docs/foreign-keys.md).

-- name: lock_target_tables
-- Takes the lock that loading takes anyway, before the tables are examined, so that nobody can add a trigger or a key
-- afterwards.
LOCK TABLE form_submissions, form_submission_versions IN ROW EXCLUSIVE MODE

-- name: lock_files_table
-- The same, for a job with files.
LOCK TABLE submission_files IN ROW EXCLUSIVE MODE

-- name: keys_by_sets_obstacles
-- What prevents checking foreign keys by sets, under session_replication_role = replica, while rows of these tables are
-- inserted or (deleting) deleted: a missing precondition, or the first thing that the parameter would disable besides the
-- foreign keys themselves. No row if nothing prevents it.
WITH target AS (SELECT unnest(%(tables)s::text[])::regclass AS id)
SELECT 'the role may not set session_replication_role'
 WHERE NOT has_parameter_privilege('session_replication_role', 'SET')
UNION ALL
SELECT 'session_replication_role is not origin'
 WHERE current_setting('session_replication_role') <> 'origin'
UNION ALL
SELECT format('the trigger %%I on %%s', t.tgname, t.tgrelid::regclass)
  FROM target JOIN pg_trigger t ON t.tgrelid = target.id
 WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND (NOT %(deleting)s OR t.tgtype & 8 <> 0)  -- 8: on DELETE
UNION ALL
SELECT format('the rule %%I on %%s', r.rulename, r.ev_class::regclass)
  FROM target JOIN pg_rewrite r ON r.ev_class = target.id
 WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D'
UNION ALL
SELECT format('the deferrable constraint %%I on %%s', c.conname, c.conrelid::regclass)
  FROM target JOIN pg_constraint c ON c.conrelid = target.id
 WHERE NOT %(deleting)s AND c.contype IN ('p', 'u', 'x') AND c.condeferrable
UNION ALL
SELECT format('%%s is not an ordinary table', c.oid::regclass)
  FROM target JOIN pg_class c ON c.oid = target.id
 WHERE c.relkind <> 'r' OR c.relhassubclass OR c.relispartition
UNION ALL
SELECT format('the foreign key %%I of several columns', c.conname)
  FROM target JOIN pg_constraint c ON c.confrelid = target.id
 WHERE %(deleting)s AND c.contype = 'f' AND cardinality(c.conkey) > 1
LIMIT 1

-- name: disable_key_triggers
-- Disables the triggers that check foreign keys row by row, in this transaction only.
SET LOCAL session_replication_role = replica

-- name: enable_key_triggers
-- Enables these triggers again.
SET LOCAL session_replication_role = origin

-- name: check_constraints_now
-- Checks deferred constraints now, and those of later statements immediately.
SET CONSTRAINTS ALL IMMEDIATE

-- name: defer_constraints
-- Defers constraints that may be deferred to the commit again.
SET CONSTRAINTS ALL DEFERRED

-- name: target_foreign_keys
-- The foreign keys of the tables that are loaded, column by column (filled: by a default), and whether the parent's rows may
-- be locked.
SELECT c.conrelid::regclass::text AS child, c.conname::text AS name, c.confrelid::regclass::text AS parent,
       c.confmatchtype = 'f' AS match_full,
       array_agg(a.attname::text ORDER BY k.place) AS columns,
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.place) AS types,
       array_agg(a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL ORDER BY k.place) AS filled,
       array_agg(p.attname::text ORDER BY k.place) AS parent_columns,
       has_table_privilege(c.confrelid, 'SELECT') AND has_any_column_privilege(c.confrelid, 'UPDATE') AS may_lock
  FROM pg_constraint c
 CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(child_column, parent_column, place)
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.child_column
  JOIN pg_type t ON t.oid = a.atttypid  -- a domain may have a default, too
  JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.parent_column
 WHERE c.contype = 'f' AND c.conrelid = ANY(%(tables)s::text[]::regclass[])
 GROUP BY c.oid
 ORDER BY c.conname

-- name: references_to
-- Foreign keys of one column that lead to a table; a partition's are its parent's. An index that finds a parent's rows
-- begins with the column.
SELECT c.conrelid::regclass::text AS child, quote_ident(a.attname) AS column, c.confrelid::regclass::text AS parent,
       quote_ident(p.attname) AS parent_column, c.confdeltype = 'c' AS cascades,
       EXISTS (SELECT FROM pg_index i
                WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL AND i.indisvalid) AS indexed,
       greatest(t.reltuples, 0)::bigint AS rows,
       (SELECT quote_ident(k.attname)
          FROM pg_constraint pk JOIN pg_attribute k ON k.attrelid = pk.conrelid AND k.attnum = pk.conkey[1]
         WHERE pk.conrelid = c.conrelid AND pk.contype = 'p' AND cardinality(pk.conkey) = 1) AS key,
       has_column_privilege(c.conrelid, c.conkey[1], 'SELECT') AS may_read,
       has_table_privilege(c.conrelid, 'DELETE') AS may_delete
  FROM pg_constraint c
  JOIN pg_class t ON t.oid = c.conrelid
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = c.confkey[1]
 WHERE c.contype = 'f' AND c.confrelid = %(parent)s::regclass AND cardinality(c.conkey) = 1 AND c.conparentid = 0
 ORDER BY child, a.attname

-- fragment: lock_parent
-- Takes the lock that PostgreSQL's own check takes. A row if the parent exists; until the transaction ends it can neither be
-- deleted nor change its key. {parent} is a table, {conditions} compare the columns of one of its keys with values.
SELECT FROM {parent} WHERE {conditions} FOR KEY SHARE

-- fragment: column_is
-- One of these conditions: {type} is the type of the child's column.
{column} = {value}::{type}
