"""Checks a PostgreSQL URL before it is used, and explains what is wrong with one."""

from urllib.parse import parse_qsl, urlsplit

from psycopg.pq import Conninfo

UNENCODED = (
    "The user or password in DatabaseUrl holds a character that must be percent-encoded there (@ as %40, / as %2F,"
    " : as %3A, % as %25)."
)
_NO_URL = "DatabaseUrl is not a PostgreSQL URL; write postgresql://user:password@host/database."
_UNREADABLE = (
    "DatabaseUrl cannot be read; write postgresql://user:password@host/database, with every special character in user"
    " and password percent-encoded (space as %20, @ as %40, / as %2F, : as %3A, % as %25)."
)


def is_ambiguous(url: str) -> bool:
    """Whether libpq would take a part of the password for the host, because it contains an unencoded ``@`` or ``/``.

    Errors about such a host would show that part of the password, so the URL must not be used at all.
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    scheme, found, rest = url.partition("://")
    if not found or not scheme.isalnum():
        return False
    before_query = rest.partition("?")[0]
    named = before_query if "@" in before_query else rest  # a ? may be part of the password
    return named.count("@") > 1 or "@" in named.partition("/")[2]


def explain_unusable_url(url: str) -> str:
    """What is wrong with a URL that libpq refuses. libpq's own message is not used, because it quotes the password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _NO_URL
    if parts.scheme not in ("postgresql", "postgres"):
        return _NO_URL
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known and name.isidentifier() and "@" not in parts.query:
            return f"DatabaseUrl has the parameter {name!r}, which PostgreSQL does not know; take it out."
    try:
        _ = parts.port
    except ValueError:
        return "The port in DatabaseUrl is not a number. If the password holds / or :, write %2F or %3A."
    return _UNREADABLE
