-- Statements that are shown to a person as a cure, and never run from here.

-- fragment: grant_on_table
-- Lets a role do something to a whole table.
GRANT {privilege} ON {table} TO {role};

-- fragment: grant_on_columns
-- Lets a role do something to some columns of a table.
GRANT {privilege} ({columns}) ON {table} TO {role};

-- fragment: grant_lookup
-- Lets a role read the column in which a field is looked up.
GRANT SELECT ({column}) ON {table} TO {role}

-- fragment: grant_lock
-- Lets a role lock the rows of a parent (nothing is updated).
GRANT SELECT, UPDATE ({columns}) ON {table} TO {role};

-- fragment: grant_schema
-- Lets a role use a schema.
GRANT USAGE ON SCHEMA {schema} TO {role};

-- fragment: grant_on_worker_schema
-- Lets a role do its work in the worker's schema.
GRANT {privileges} ON ALL TABLES IN SCHEMA import_worker TO {role};

-- fragment: grant_replication_role
-- Lets a role check foreign keys by sets instead of row by row.
GRANT SET ON PARAMETER session_replication_role TO {role};

-- fragment: search_schema
-- Makes a role find the tables of a schema.
ALTER ROLE {role} SET search_path = {schema};

-- fragment: allow_long_statements
-- Lifts a role's limit on how long a statement may take.
ALTER ROLE {role} SET statement_timeout = 0;

-- fragment: create_index
-- Makes an index on a referring column without stopping those who write.
CREATE INDEX CONCURRENTLY ON {table} ({column});

-- fragment: look_at_rows
-- A first look at what a job has imported.
SELECT payload FROM form_submissions WHERE import_job_id = {job} LIMIT 3
