from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from functions.edge.surface import edge_of, make_edge
from functions.farebox.runtime import Runtime
from functions.farebox.storage import Store
from tests.support.http import client_of
from tests.support.runtimes import Clock, runtime_over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    """A runtime with the sandbox, whose users begin with nothing."""
    return runtime_over(sqlite_store, sqlite_url, clock, FAREBOX_SIGNUP_CREDIT_USD="0")


class MoneyEdges:
    """The edges that money comes in by, on one address."""

    def __init__(self, runtime: Runtime) -> None:
        self._edges = {name: make_edge(name, runtime) for name in ("accounts", "wallet", "stripe_webhook")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = edge_of(scope["path"])
        assert name is not None
        await self._edges[name](scope, receive, send)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of these edges, signed in as a new user."""
    async with client_of(MoneyEdges(runtime)) as client:
        body = {"email": "ada@example.com", "password": "a long password"}
        session = (await client.post("/api/auth/register", json=body)).json()
        client.headers["authorization"] = f"Bearer {session['token']}"
        yield client
    await runtime.close()
