"""The deployables, and which addresses each of them answers. The one list of both."""

import importlib
from typing import Final

from starlette.types import ASGIApp

from functions.farebox.runtime import Runtime

# Target: the beginnings of the paths that are its own. The longest beginning that fits decides.
EDGES: Final[dict[str, tuple[str, ...]]] = {
    "chat": ("/v1",),
    "accounts": ("/api/auth",),
    "keys": ("/api/keys", "/api/models"),
    "wallet": ("/api/wallet",),
    "stripe_webhook": ("/api/stripe", "/sandbox"),
    "usage": ("/api/usage",),
    "metering": ("/api/check-budget", "/api/log-usage", "/api/authorize", "/api/capture", "/api/void"),
    "admin": ("/api/admin",),
    "scheduled": ("/jobs",),
}

_BY_LENGTH = sorted(
    ((prefix, name) for name, prefixes in EDGES.items() for prefix in prefixes),
    key=lambda each: len(each[0]),
    reverse=True,
)


def edge_of(path: str) -> str | None:
    """The name of the edge that answers a path; `None` where none does."""
    for prefix, name in _BY_LENGTH:
        if path == prefix or path.startswith(f"{prefix}/"):
            return name
    return None


def make_edge(name: str, runtime: Runtime) -> ASGIApp:
    """An edge's app. Imports that edge, and nothing of the others."""
    app: ASGIApp = importlib.import_module(f"functions.{name}").make_app(runtime)
    return app
