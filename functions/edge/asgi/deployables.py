"""The list of deployables, and of the addresses that each of them answers."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp

from functions.farebox.wiring.runtime import Runtime

# Target: the beginnings of the paths that are its own. The longest beginning that fits decides.
EDGES: Final[dict[str, tuple[str, ...]]] = {
    "chat": ("/v1",),
    "accounts": ("/api/auth", "/api/orgs", "/api/invitations", "/docs", "/openapi.json"),
    "keys": ("/api/keys", "/api/models"),
    "wallet": ("/api/wallet",),
    "stripe_webhook": ("/api/stripe", "/sandbox"),
    "usage": ("/api/usage",),
    "metering": ("/api/check-budget", "/api/log-usage", "/api/authorize", "/api/capture", "/api/void"),
    "admin": ("/api/admin",),
    "scheduled": ("/jobs",),
}

_EDGE_OF: Final = {prefix: name for name, prefixes in EDGES.items() for prefix in prefixes}
_LONGEST = max(prefix.count("/") for prefix in _EDGE_OF)


def edge_of(path: str) -> str | None:
    """The name of the edge that answers a path; `None` where none does."""
    parts = path.split("/", _LONGEST + 1)
    for length in range(_LONGEST + 1, 1, -1):
        name = _EDGE_OF.get("/".join(parts[:length]))
        if name is not None:
            return name
    return None


def make_edge(name: str, runtime: Runtime) -> ASGIApp:
    """An edge's app. Imports that edge, and nothing of the others."""
    app: ASGIApp = importlib.import_module(f"functions.{name}").make_app(runtime)
    return app


class Edges(Mapping[str, ASGIApp]):
    """Every edge over a runtime, by name, each made when it is first asked for."""

    def __init__(self, runtime: Runtime, make: Callable[[str, Runtime], ASGIApp] = make_edge) -> None:
        self._runtime = runtime
        self._make = make
        self._made: dict[str, ASGIApp] = {}

    def __getitem__(self, name: str) -> ASGIApp:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(name, self._runtime)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(EDGES)

    def __len__(self) -> int:
        return len(EDGES)


_edges: WeakKeyDictionary[Runtime, Edges] = WeakKeyDictionary()


def edges_of(runtime: Runtime) -> Edges:
    """The edges over a runtime, one set for all who ask."""
    return _edges.setdefault(runtime, Edges(runtime))
