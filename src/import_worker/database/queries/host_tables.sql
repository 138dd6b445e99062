-- The host's tables as the catalogue has them.

-- name: is_missing
-- Whether no table of that name is found by the search path.
SELECT to_regclass(quote_ident(%(table)s)) IS NULL

-- name: find_tables
-- For doctor: where the host's tables are, by the search path; else in which schemas there are tables of that name.
SELECT w.name, c.oid::bigint AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified,
       coalesce(row_security_active(c.oid), false) AS row_security,
       (SELECT array_agg(DISTINCT n2.nspname::text)
          FROM pg_class c2 JOIN pg_namespace n2 ON n2.oid = c2.relnamespace
         WHERE c2.relname = w.name AND c2.relkind IN ('r', 'p', 'v') AND n2.nspname !~ '^pg_') AS elsewhere
  FROM unnest(%(names)s::text[]) AS w(name)
  LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(w.name))
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace

-- name: table_columns
-- For doctor: columns with the type behind any domain, and whether an INSERT that leaves the column out is refused.
WITH RECURSIVE base AS (
    SELECT a.attrelid, a.attnum, t.oid, t.typtype, t.typbasetype, t.typdefault IS NOT NULL AS filled, t.typnotnull AS needed
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = ANY(%(oids)s::bigint[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attrelid, b.attnum, t.oid, t.typtype, t.typbasetype, b.filled OR t.typdefault IS NOT NULL, b.needed OR t.typnotnull
      FROM base b JOIN pg_type t ON t.oid = b.typbasetype
     WHERE b.typtype = 'd'
)
SELECT a.attrelid::bigint AS oid, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
       t.typname::text AS base, t.typcategory::text AS category,
       (a.attnotnull OR b.needed) AND NOT (a.atthasdef OR a.attidentity <> '' OR b.filled) AS must_be_given
  FROM base b
  JOIN pg_attribute a ON a.attrelid = b.attrelid AND a.attnum = b.attnum
  JOIN pg_type t ON t.oid = b.oid
 WHERE b.typtype <> 'd'
 ORDER BY a.attrelid, a.attnum

-- name: missing_privileges
-- For doctor: those of the wanted privileges that the role lacks, by their place; without a column, on the whole table.
SELECT w.place::int
  FROM unnest(%(oids)s::bigint[], %(privileges)s::text[], %(columns)s::text[])
       WITH ORDINALITY AS w(oid, privilege, column_name, place)
 WHERE NOT CASE WHEN w.column_name IS NULL THEN has_table_privilege(w.oid::oid, w.privilege)
                ELSE has_column_privilege(w.oid::oid, w.column_name, w.privilege) END
 ORDER BY w.place
