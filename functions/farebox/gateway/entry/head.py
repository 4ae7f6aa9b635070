"""What an entry says of the head of each request: its credentials, headers and query, and what clients may add."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from functions.farebox.gateway.entry.form import (
    HEADER_VALUE,
    KEY,
    QUERY_VALUE,
    Auth,
    Entry,
    KeyHeader,
    NamedSecret,
)
from functions.farebox.gateway.entry.header_names import header_problem, pass_problem
from functions.farebox.kit.secret_names import is_own

NO_SECRETS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Head:
    """It, checked. `query` begins with its `?`; `lacks` names the secrets that have no value that would do. See
    `Upstream`."""

    auth: Auth
    api_key: str | None
    headers: Mapping[str, str]
    query: str
    pass_headers: tuple[str, ...]
    lacks: tuple[str, ...]


def read_head(entry: Entry, secrets: Mapping[str, str]) -> Head:
    """The head; `secrets` has the values of those that are named, by their names. Raises `ValueError` that names the
    field, never a secret."""
    values = _Values(secrets)
    auth = _auth(entry)
    headers = _headers(entry, auth, values)
    key = None if entry.api_key is None else values.of("api_key", entry.api_key, KEY)
    query = {name: values.of("query", value, QUERY_VALUE) for name, value in (entry.query or {}).items()}
    return Head(
        auth=auth,
        api_key=key,
        headers={name: value for name, value in headers.items() if value is not None},
        query=_encoded({name: value for name, value in query.items() if value is not None}),
        pass_headers=_pass_headers(entry, auth, headers),
        lacks=tuple(values.missing),
    )


class _Values:
    """The values of an entry, those of `secrets` in place of names of them; `missing` are the names that have none
    that would do."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        self.missing: dict[str, None] = {}

    def of(self, field: str, value: str | NamedSecret, form: re.Pattern[str]) -> str | None:
        """The value itself, in a field of the entry."""
        if isinstance(value, str):
            return value
        if is_own(value.secret):
            raise ValueError(f"{field}: {value.secret} is Farebox's own secret, which no upstream may be sent")
        text = self._secrets.get(value.secret)
        if text is None or form.fullmatch(text) is None:
            self.missing[value.secret] = None
            return None
        return text


def _auth(entry: Entry) -> Auth:
    auth: Auth = entry.auth or "bearer"
    if auth == "google" and entry.api_key is not None:
        raise ValueError("api_key: leave it out, since google takes the service account's tokens")
    if auth == "google" and not _may_have_tokens(entry.base_url):
        raise ValueError(
            "auth: google is for https addresses below googleapis.com, since its tokens open all of a project"
        )
    if isinstance(auth, KeyHeader):
        auth = KeyHeader(auth.header.lower())
        problem = header_problem(auth.header)
        if problem is not None:
            raise ValueError(f"auth: {problem}")
    return auth


def _may_have_tokens(base_url: str) -> bool:
    """Whether tokens of the service account may be sent there: to Google, or to a stand-in on this machine."""
    url = urlsplit(base_url)
    host = url.hostname or ""
    is_googles = url.scheme == "https" and host.endswith(".googleapis.com")
    return is_googles or host in ("127.0.0.1", "::1", "localhost")


def _headers(entry: Entry, auth: Auth, values: _Values) -> dict[str, str | None]:
    key_header = _key_header(entry, auth)
    headers: dict[str, str | None] = {}
    for written, value in (entry.headers or {}).items():
        name = written.lower()
        problem = header_problem(name)
        if problem is not None:
            raise ValueError(f"headers: {problem}")
        if name == key_header:
            raise ValueError(f"headers: {name} is where its key or token goes")
        if name in headers:
            raise ValueError(f"headers: {name} is there twice")
        headers[name] = values.of("headers", value, HEADER_VALUE)
    return headers


def _key_header(entry: Entry, auth: Auth) -> str | None:
    """The header that its key or token goes in, if it has one."""
    if isinstance(auth, KeyHeader):
        return auth.header
    return "authorization" if auth == "google" or entry.api_key is not None else None


def _pass_headers(entry: Entry, auth: Auth, headers: Mapping[str, str | None]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.lower() for name in entry.pass_headers or ()))
    for name in names:
        problem = pass_problem(name)
        if problem is None and (name in headers or name == _key_header(entry, auth)):
            problem = f"{name} is sent to it in any case, as you say"
        if problem is not None:
            raise ValueError(f"pass_headers: {problem}")
    return names


def _encoded(query: Mapping[str, str]) -> str:
    """Parts of an address, escaped; a space as `%20`, which is read as one everywhere (RFC 3986)."""
    parts = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items()]
    return f"?{'&'.join(parts)}" if parts else ""
