"""Finding repeated values of unique fields: once, when the job is planned, in bounded memory whatever the file's
size."""
