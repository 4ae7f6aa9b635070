from collections.abc import AsyncIterator

import httpx
import pytest

from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.clients.asgi import client_of
from tests.support.product.app import surface_over
from tests.support.product.runtime import Clock, runtime_over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, clock)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole surface, signed in as nobody."""
    async with client_of(surface_over(runtime)) as client:
        yield client
    await runtime.close()


@pytest.fixture
async def signed_in(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client, signed in as a new user."""
    body = {"email": "ada@example.com", "password": "a long password"}
    session = (await client.post("/api/auth/register", json=body)).json()
    client.headers["authorization"] = f"Bearer {session['token']}"
    return client
