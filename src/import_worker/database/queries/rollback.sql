-- Removing a job's submissions. Only the catalogue knows which tables refer to submissions (references_to), so
-- targets/submissions/removing.py builds these statements, with names as the catalogue quotes them. {scope} is a condition on
-- ids of submissions (in_range, in_list), {job} the job's id. `s` is a submission; `r` is a row of the table {child} that
-- refers to its {parent} by {column}. A *holder* is a row whose foreign key does not cascade, so that it prevents deleting.

-- name: rows_with_other_ids
-- Rows of the job outside its own range of ids, in order of ids. The host has no index on import_job_id, so this is one scan
-- of the table; ordering by the text prevents the planner from walking the primary key instead, row by row.
SELECT id
  FROM form_submissions
 WHERE import_job_id = %(job_id)s AND (%(first_id)s::uuid IS NULL OR id NOT BETWEEN %(first_id)s AND %(last_id)s)
   AND id::text > %(after)s
 ORDER BY id::text
 LIMIT %(limit)s

-- fragment: in_range
-- Condition on a column of submissions' ids: between two, both included.
{column} BETWEEN {first} AND {last}

-- fragment: in_list
-- Condition on a column of submissions' ids: one of these.
{column} = ANY({ids})

-- fragment: untouched
-- Condition on a submission: nobody has written it since its chunk did. It has no second version, and its xmin is one of its
-- chunk's transactions; or, if these are {unknown}, its own columns and its first version look as they were loaded.
NOT EXISTS (SELECT FROM form_submission_versions v WHERE v.submission_id = s.id AND v.version_number > 1)
AND (s.xmin IN (SELECT unnest(c.row_xacts) FROM import_worker.chunks c WHERE c.job_id = {job} AND {recent_xact})
     OR {unknown} AND s.status = 'submitted' AND s.reviewed_at IS NULL AND s.updated_at - s.created_at < interval '1 second'
        AND NOT EXISTS (SELECT FROM form_submission_versions v WHERE v.submission_id = s.id AND v.payload_snapshot <> s.payload))

-- fragment: not_kept
-- Condition on a submission: it is not recorded as kept.
NOT EXISTS (SELECT FROM import_worker.kept_rows k WHERE k.job_id = {job} AND k.submission_id = s.id)

-- fragment: count_to_undo
-- How many of the submissions in the scope exist, how many of them are recorded as kept, and how many others are untouched.
SELECT count(*), count(*) FILTER (WHERE NOT {not_kept}), count(*) FILTER (WHERE {not_kept} AND {untouched})
  FROM form_submissions s
 WHERE {scope} AND s.import_job_id = {job}

-- fragment: delete_all_but_kept
-- Deletes the submissions that are not recorded as kept.
DELETE FROM form_submissions s WHERE {scope} AND s.import_job_id = {job} AND {not_kept}

-- fragment: delete_untouched
-- Deletes the submissions that are not recorded as kept and that nobody has touched.
{delete_all_but_kept} AND {untouched}

-- fragment: keep_remaining
-- Records the submissions that are still there as kept: somebody must have written them. A reason that is recorded already is
-- not changed.
INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)
SELECT {job}, s.id, 'edited' FROM form_submissions s WHERE {scope} AND s.import_job_id = {job}
ON CONFLICT DO NOTHING

-- fragment: keep_referred
-- Records those submissions as kept to which rows of {source} refer by {column}.
INSERT INTO import_worker.kept_rows (job_id, submission_id, reason)
SELECT DISTINCT {job}, s.id, 'referred' FROM {source} JOIN form_submissions s ON s.id = {column}
 WHERE {scope} AND s.import_job_id = {job}
ON CONFLICT (job_id, submission_id) DO UPDATE SET reason = 'referred'

-- fragment: holders
-- A source: the holders of submissions in a table.
{holder} h

-- fragment: holders_of_child
-- A source: the rows of a table whose {holder_column} holds {held_column} of a row that would be deleted with a submission.
{holder} h JOIN {child} r ON r.{held_column} = h.{holder_column}

-- fragment: orphaned
-- Condition on a referring row, within the scope: its parent is deleted.
{scope} AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{parent_column} = r.{column})

-- fragment: select_orphaned
-- The deleted parents that are still referred to.
SELECT DISTINCT r.{column} FROM {child} r WHERE {orphaned}

-- fragment: select_edited
-- The deleted submissions that have a second version.
SELECT DISTINCT r.submission_id FROM form_submission_versions r WHERE {orphaned} AND r.version_number > 1

-- fragment: select_held
-- The deleted submissions of which a cascaded row has a holder.
SELECT DISTINCT r.{column} FROM {holders_of_child} WHERE {orphaned}

-- fragment: delete_orphaned
-- Deletes the rows whose parents are deleted.
DELETE FROM {child} r WHERE {orphaned}

-- fragment: delete_orphaned_with_keys
-- Deletes the rows whose parents are deleted. Returns the key and the submission of each row whose key is not its submission's
-- id; versions that this program inserted share it.
WITH gone AS ({delete_orphaned} RETURNING r.{key} AS key, r.{column} AS parent)
SELECT key, parent FROM gone WHERE key::text <> parent::text

-- fragment: delete_orphaned_below
-- Deletes the rows whose parents are deleted, at any depth; returns the {key} of each row.
{delete_orphaned} RETURNING {key}
