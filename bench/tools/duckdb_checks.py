"""Does in DuckDB's SQL what a dry run does with the demo's form; prints the numbers of good rows and of errors.

Arguments: the file, and optionally ``checks`` to run the checks alone. Otherwise the good rows' payloads and the errors
with their rows and cells are stored in a table.
"""

import sys

import duckdb

YES, NO = "['true', 'yes', 'y', '1', 'on']", "['false', 'no', 'n', '0', 'off']"
SPORTS = "['soccer', 'hockey', 'tennis', 'ski', 'rowing']"
PIECES = "list_filter(list_transform(string_split(lower(c8), ','), lambda s: trim(s)), lambda s: s <> '')"
LEVELS = "['beginner', 'intermediate', 'advanced', 'élite']"
PHONE = (
    r"[() \-./]*\+?[() \-./]*([0-9][() \-./]*){7,15}"
    r"(\s*([xX#]|[eE][xX][tT](\.|[eE][nN][sS][iI][oO][nN])?)\s*[0-9]{1,7})?"
)


def day(column: str) -> str:
    written = f"regexp_full_match(trim({column}), '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
    return f"({written} AND try_cast({column} AS DATE) IS NOT NULL)"


def optional(column: str, check: str) -> str:
    return f"(trim({column}) = '' OR {check})"


CHECKS = {
    "member_number": "trim(c0) <> '' AND regexp_matches(c0, '^M-[0-9]{7}$')",
    "first_name": "trim(c1) <> '' AND length(c1) <= 50",
    "last_name": "trim(c2) <> '' AND length(c2) >= 2",
    "email": r"regexp_full_match(trim(c3), '[^\s@]+@[^\s@]+\.[^\s@]+')",
    "phone": optional("c4", f"regexp_full_match(trim(c4), '{PHONE}')"),
    "birth_date": day("c5"),
    "joined_on": optional("c6", day("c6")),
    "level": f"list_contains({LEVELS}, lower(trim(c7)))",
    "sports": f"len(list_filter({PIECES}, lambda s: NOT list_contains({SPORTS}, s))) = 0",
    "fee": optional("c9", "try_cast(replace(trim(c9), ',', '') AS DECIMAL(18, 4)) BETWEEN 0 AND 5000"),
    "postal_code": "true",
    "consent": f"list_contains({YES}, lower(trim(c11)))",
    "notes": "true",
}
STORED = {
    "email": "trim(c3)",
    "phone": "nullif(trim(c4), '')",
    "birth_date": "trim(c5)",
    "joined_on": "nullif(trim(c6), '')",
    "level": "lower(trim(c7))",
    "sports": f"nullif({PIECES}, [])",
    "fee": "try_cast(replace(trim(c9), ',', '') AS DECIMAL(18, 4))",
    "postal_code": "nullif(c10, '')",
    "consent": "true",
    "notes": "nullif(c12, '')",
}


def main(file: str, *, checks_alone: bool) -> None:
    columns = {f"c{number}": "VARCHAR" for number in range(len(CHECKS))}
    # Without a text that means null, empty cells would be null.
    how = "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '\\N'"
    source = f"read_csv('{file}', columns = {columns}, {how})"
    passed = " AND ".join(f"coalesce({check}, false)" for check in CHECKS.values())
    if checks_alone:
        failed = ", ".join(f"count(*) FILTER (WHERE NOT coalesce({check}, false))" for check in CHECKS.values())
        good, *errors = duckdb.sql(f"SELECT count(*) FILTER (WHERE {passed}), {failed} FROM {source}").fetchall()[0]
        print(good, sum(errors))
        return
    members = ", ".join(f"'{key}', {STORED.get(key, f'c{number}')}" for number, key in enumerate(CHECKS))
    errors = ", ".join(
        f"CASE WHEN NOT coalesce({check}, false) THEN {{'field': '{key}', 'cell': c{number}}} END"
        for number, (key, check) in enumerate(CHECKS.items())
        if check != "true"
    )
    duckdb.sql(
        "CREATE TABLE judged AS SELECT row_number() OVER () AS row,"
        f" CASE WHEN {passed} THEN json_object({members}) END AS payload,"
        f" list_filter([{errors}], lambda e: e IS NOT NULL) AS errors FROM {source}"
    )
    print(*duckdb.sql("SELECT count(payload), sum(len(errors)) FROM judged").fetchall()[0])


main(sys.argv[1], checks_alone="checks" in sys.argv[2:])
