-- Columns of the host in which values of a form's fields are looked up.

-- name: lookup_column
-- Whether a column that values are to be looked up in is there, by the search path, and may be read.
SELECT c.oid IS NOT NULL AS table_there, a.attname IS NOT NULL AS column_there, n.nspname::text AS schema,
       coalesce(has_column_privilege(c.oid, a.attnum, 'SELECT'), false) AS may_read, current_user::text AS role
  FROM (SELECT to_regclass(quote_ident(%(table)s)) AS oid) w
  LEFT JOIN pg_class c ON c.oid = w.oid
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %(column)s AND a.attnum > 0 AND NOT a.attisdropped

-- fragment: find_values
-- Those of the values that a column has, as text.
SELECT DISTINCT {column}::text FROM {table} WHERE {column}::text = ANY(%(values)s)
