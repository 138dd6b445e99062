"""Searches for a word in everything that a job may have left: all tables of the database, all objects of a store."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tests.support.host import Host


def values_left(host: Host, word: str) -> list[str]:
    """Names of the tables (``schema.table``) and keys of the objects in which the word is found."""
    found = []
    tables = host.query(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    for table in tables:
        name = f'"{table["schemaname"]}"."{table["tablename"]}"'
        if host.value(f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s", f"%{word}%"):
            found.append(f"{table['schemaname']}.{table['tablename']}")
    folder = Path(url2pathname(urlsplit(host.store.url).path))
    objects = sorted(path for path in folder.rglob("*") if path.is_file())
    found += [str(path.relative_to(folder)) for path in objects if word.encode() in path.read_bytes()]
    return found
