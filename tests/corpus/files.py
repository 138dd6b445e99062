"""All files of the corpus, each with its expected rows and errors beside it."""

from collections import Counter

from tests.corpus import files_broken, files_options, files_refused, files_text, files_workbooks
from tests.corpus.file_case import FileCase

CASES: tuple[FileCase, ...] = (
    *files_text.CASES,
    *files_broken.CASES,
    *files_options.CASES,
    *files_refused.CASES,
    *files_workbooks.CASES,
)

assert max(Counter(case.name for case in CASES).values()) == 1
