"""Opens the engine that an address in the configuration names."""

import re
from urllib.parse import urlsplit

from functions.farebox.storage.model import Engine

DEFAULT_DATABASE = "(default)"

_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]*")
_DATABASE = re.compile(r"\(default\)|[a-z][a-z0-9-]*")


def open_engine(url: str) -> Engine:
    """The engine of an address; nothing is opened or sent before its first use.

    `sqlite:///farebox.db` is a file relative to the working directory, `sqlite:////srv/farebox.db` an absolute one.
    `firestore://PROJECT` is a project's default database, `firestore://PROJECT/DATABASE` another.
    Only the chosen engine's module is imported. Raises `ValueError` for any other address.
    """
    parts = urlsplit(url)
    where = parts.path.removeprefix("/")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r} has more than a place: nothing may follow a '?' or a '#'")
    if parts.scheme == "sqlite":
        if parts.netloc or not where or where.endswith("/"):
            raise ValueError(f"{url!r} names no file: write sqlite:///relative.db or sqlite:////absolute.db")
        from functions.farebox.storage.sqlite.engine import SqliteEngine

        return SqliteEngine(where)
    if parts.scheme == "firestore":
        database = where or DEFAULT_DATABASE
        if not _PROJECT.fullmatch(parts.netloc) or not _DATABASE.fullmatch(database):
            raise ValueError(f"{url!r} names no database: write firestore://PROJECT/DATABASE")
        from functions.farebox.storage.firestore.engine import FirestoreEngine

        return FirestoreEngine(parts.netloc, database)
    raise ValueError(f"{url!r} is no database: write sqlite:///PATH or firestore://PROJECT/DATABASE")
