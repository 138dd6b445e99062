-- import_worker.errors: the errors of rejected rows.

-- name: copy_errors
-- Inserts errors from CSV, in the transaction of their chunk.
COPY import_worker.errors (job_id, row_number, ordinal, field_key, error_type, error_message, raw_value, column_name, line)
  FROM STDIN (FORMAT csv)

-- name: count_errors
-- How many errors a job has, and in how many rows.
SELECT count(*) AS errors, count(DISTINCT row_number) AS failed_rows
  FROM import_worker.errors
 WHERE job_id = %(job_id)s

-- name: summarize_errors
-- Errors by type and field, commonest first, with an example of each.
SELECT error_type, field_key, count(*) AS errors, count(DISTINCT row_number) AS failed_rows,
       -- The first row's message, found without sorting: a row number of fixed width, then the message.
       substr(min(lpad(row_number::text, 13, '0') || error_message), 14) AS example_message, min(row_number) AS first_row
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
   AND (%(type)s::text IS NULL OR error_type = %(type)s)
 GROUP BY error_type, field_key
 ORDER BY count(*) DESC, error_type, field_key

-- name: list_errors
-- The first errors of a job, in order of rows; of one field or type, if one is given.
SELECT row_number, field_key, error_type, error_message, raw_value, column_name, line
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
   AND (%(type)s::text IS NULL OR error_type = %(type)s)
 ORDER BY row_number, ordinal
 LIMIT %(limit)s

-- name: list_error_cells
-- The different cells among a job's first errors of some types, by field, in order of rows. Cells are cut, errors are
-- limited before they are grouped: a job may have millions, and a look at the first is enough for a suggestion that says so.
SELECT field_key, error_type, column_name, cell, count(*) AS errors
  FROM (SELECT field_key, error_type, column_name, left(raw_value, %(characters)s) AS cell, row_number
          FROM import_worker.errors
         WHERE job_id = %(job_id)s
           AND error_type = ANY(%(types)s)
           AND (%(field)s::text IS NULL OR field_key = %(field)s)
         ORDER BY row_number, ordinal
         LIMIT %(limit)s) first_errors
 GROUP BY field_key, error_type, column_name, cell
 ORDER BY min(row_number)

-- name: unresolved_values
-- The values that a lookup did not find, once each, most frequent first. A sensitive value is masked in the table already.
SELECT field_key, raw_value AS value, count(*) AS rows
  FROM import_worker.errors
 WHERE job_id = %(job_id)s AND error_type = 'not_found'
   AND (%(field)s::text IS NULL OR field_key = %(field)s)
 GROUP BY field_key, raw_value
 ORDER BY count(*) DESC, field_key, raw_value
 LIMIT %(limit)s

-- name: write_report
-- errors.csv, in order of rows. A spreadsheet runs a cell that begins with one of these characters as a formula; an
-- apostrophe makes it text (https://owasp.org/www-community/attacks/CSV_Injection).
COPY (SELECT row_number AS "rowNumber",
             CASE WHEN field_key ~ '^[=+@\t\r-]' THEN '''' || field_key ELSE field_key END AS "fieldKey",
             CASE WHEN error_type ~ '^[=+@\t\r-]' THEN '''' || error_type ELSE error_type END AS "errorType",
             CASE WHEN error_message ~ '^[=+@\t\r-]' THEN '''' || error_message ELSE error_message END AS "errorMessage",
             CASE WHEN raw_value ~ '^[=+@\t\r-]' THEN '''' || raw_value ELSE raw_value END AS "rawValue",
             CASE WHEN column_name ~ '^[=+@\t\r-]' THEN '''' || column_name ELSE column_name END AS "column",
             line
        FROM import_worker.errors
       WHERE job_id = %(job_id)s
       ORDER BY row_number, ordinal)
  TO STDOUT (FORMAT csv, HEADER)

-- name: row_messages
-- For rejected.csv: what is wrong with each rejected row, in one cell, in order of rows. Each message names its column, or
-- its field where there is no column.
SELECT row_number,
       string_agg(concat_ws(': ', coalesce(column_name, field_key), error_message), '; ' ORDER BY ordinal)
  FROM import_worker.errors
 WHERE job_id = %(job_id)s
 GROUP BY row_number
 ORDER BY row_number

-- name: last_error_row
-- The last row that has an error, 0 when none has.
SELECT coalesce(max(row_number), 0) FROM import_worker.errors WHERE job_id = %(job_id)s

-- name: erase_raw_values
-- Erases the raw values of the worker's errors, some rows at a time.
UPDATE import_worker.errors SET raw_value = NULL
 WHERE job_id = %(job_id)s AND row_number BETWEEN %(first_row)s AND %(last_row)s AND raw_value IS NOT NULL

-- name: delete_errors
-- Deletes a job's errors: of a dry run, or of a discarded plan.
DELETE FROM import_worker.errors WHERE job_id = %(job_id)s
