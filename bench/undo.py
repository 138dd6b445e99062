"""Measures a rollback beside rows of another table that refer to submissions: its time must not grow with these."""

from bench.process import CommandFailed, measure
from bench.result import Result
from bench.workplace import PROGRAM, Workplace

PARENTS = 1_000
"""How many submissions of another job the other table's rows refer to. The column has no index, as in the host."""

_FILL = """
SET session_replication_role = replica;
INSERT INTO submission_files (submission_id, field_key, file_name, mime_type, size_bytes, checksum, storage_key)
SELECT p.ids[1 + n %% cardinality(p.ids)], 'photo', 'photo.png', 'image/png', n, '', 'forms/' || n
  FROM generate_series(1, %s) n, (SELECT array_agg(id) AS ids FROM form_submissions) p;
"""


def rollback_beside_others(place: Workplace, rows: int, others: tuple[int, int]) -> Result:
    """Rolls the same job back beside a few and beside many other rows."""
    seconds = {}
    for count in others:
        place.clear()
        place.run(place.submit(place.file(PARENTS)))
        place.execute(_FILL, count)
        place.execute("VACUUM ANALYZE submission_files")
        job_id = place.submit(place.file(rows))
        place.run(job_id)
        seconds[count] = measure([PROGRAM, "rollback", job_id, "--json"], place.environment()).seconds
        left = place.query("SELECT count(*) FROM form_submissions")[0]
        kept = place.query("SELECT count(*) FROM submission_files")[0]
        if (left, kept) != (PARENTS, count):
            raise CommandFailed(f"{left} submissions and {kept} files are left instead of {PARENTS} and {count}")
    place.clear()
    few, many = (seconds[count] for count in others)
    figures = {f"rows/s beside {count:,}": rows / taken for count, taken in seconds.items()}
    name = f"rollback of {rows:,} rows beside {others[1]:,} rows against beside {others[0]:,}"
    return Result(name, many / few, goal=1.5, at_least=False, figures=figures)
