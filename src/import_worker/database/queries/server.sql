-- The server, the role, and settings of the present transaction.

-- name: server_facts
-- For doctor: the server, the role and its limits. A backend's id that differs from the one that the connection got at its
-- start shows a pooler in between.
SELECT current_setting('server_version_num')::int AS version_number, current_setting('server_version') AS version,
       current_user::text AS role, current_database()::text AS database, pg_backend_pid() AS backend_pid,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS read_only,
       current_setting('server_encoding') AS encoding, clock_timestamp() AS now,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true)::int, 0) AS max_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS connections,
       r.rolconnlimit AS role_limit,
       (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid) AS role_connections,
       d.datconnlimit AS database_limit,
       (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) AS database_connections,
       (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout_ms,
       has_database_privilege(d.oid, 'CREATE') AS may_create_schema
  FROM pg_roles r, pg_database d
 WHERE r.rolname = current_user AND d.datname = current_database()

-- name: forbid_sequential_scans
-- Makes the planner use indexes, in this transaction only.
SET LOCAL enable_seqscan = off

-- name: allow_sequential_scans
-- Allows the planner to scan whole tables again.
SET LOCAL enable_seqscan = on

-- name: server_clock
-- When the transaction began, by the server's clock.
SELECT now()

-- name: current_role
-- The role that this connection has.
SELECT current_user::text

-- fragment: copy_row_as_binary
-- One row, encoded in the types of {table}'s columns in COPY's binary format: {columns} of a JSON document {values}. The table
-- is not read.
COPY (SELECT {columns} FROM jsonb_populate_record(NULL::{table}, {values})) TO STDOUT (FORMAT binary)

-- fragment: copy_rows_into
-- Inserts rows into a table from COPY's binary format, with these columns.
COPY {table} ({columns}) FROM STDIN (FORMAT binary)
