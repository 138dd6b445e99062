"""A PostgreSQL URL, looked at before it is used."""

import re

UNENCODED = (
    "The user or password in DatabaseUrl holds a character that must be percent-encoded there (@ as %40, / as %2F,"
    " : as %3A, % as %25)."
)


def is_ambiguous(url: str) -> bool:
    """Whether a part of the password would be taken for the host: it holds an ``@`` or a ``/`` as it is.

    Errors about such a host would show that part of the password, so the URL is not to be used at all.
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    match = re.match(r"\w+://([^/?]*)([^?]*)", url)
    if match is None:
        return False
    authority, path = match.groups()
    return authority.count("@") > 1 or ("@" in path and "@" not in authority)
