"""Providers to sign in with, as an operator names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

MOST_PROVIDERS = 20
ProviderKind = Literal["openid", "github"]

BUILT_IN: Final[dict[str, dict[str, str]]] = {
    "google": {"name": "Google", "issuer": "https://accounts.google.com"},
    "github": {"name": "GitHub", "kind": "github", "issuer": "https://github.com"},
}
FIELDS = frozenset({"id", "kind", "name", "issuer", "api_url", "client_id", "client_secret", "scope"})
ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider, and what it knows this service as."""

    id: str
    kind: ProviderKind
    name: str
    issuer: str
    client_id: str
    client_secret: str
    scope: str
    api_url: str | None = None  # GitHub's, where it is not github.com's


def read_providers(entries: Sequence[Any]) -> dict[str, ProviderSettings]:
    """Providers as an operator has written them, by id. Raises `ValueError`."""
    if len(entries) > MOST_PROVIDERS:
        raise ValueError(f"write at most {MOST_PROVIDERS} providers")
    read = [_read(entry) for entry in entries]
    if len({each.id for each in read}) < len(read):
        raise ValueError("two providers have one id")
    return {each.id: each for each in read}


def _read(entry: Any) -> ProviderSettings:
    if not isinstance(entry, Mapping) or not all(isinstance(value, str) and value for value in entry.values()):
        raise ValueError("a provider is an object of texts")
    if unknown := sorted(entry.keys() - FIELDS):
        raise ValueError(f"a provider has no {unknown[0]!r}; it has {', '.join(sorted(FIELDS))}")
    told: dict[str, str] = {"kind": "openid", **BUILT_IN.get(entry.get("id", ""), {}), **entry}
    for name in ("id", "issuer", "client_id", "client_secret"):
        if name not in told:
            raise ValueError(f"a provider needs {name!r}")
    if not told["id"].isascii() or not told["id"].replace("-", "").isalnum() or len(told["id"]) > 40:
        raise ValueError(f"the id {told['id']!r} is not made of letters, digits and hyphens")
    for name in ("issuer", "api_url"):
        parts = urlsplit(told.get(name, "https://"))
        if parts.scheme != "https" and parts.hostname not in ON_THIS_MACHINE:
            raise ValueError(f"{name} of {told['id']} is no address that begins with https://")
    if told["kind"] == "github":
        return _settings(told, "github", "read:user user:email")
    if told["kind"] != "openid":
        raise ValueError(f"kind of {told['id']} is openid or github")
    return _settings(told, "openid", "openid email profile")


def _settings(told: Mapping[str, str], kind: ProviderKind, scope: str) -> ProviderSettings:
    return ProviderSettings(
        id=told["id"],
        kind=kind,
        name=told.get("name", told["id"]),
        issuer=told["issuer"].rstrip("/") if kind == "github" else told["issuer"],
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        scope=told.get("scope", scope),
        api_url=told.get("api_url"),
    )
