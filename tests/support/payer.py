"""A user of the sandbox who begins with nothing."""

from collections.abc import AsyncIterator

import httpx
import pytest

from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.edges import surface_over
from tests.support.http import client_of
from tests.support.runtimes import Clock, runtime_over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    """A runtime with the sandbox, whose users begin with nothing."""
    return runtime_over(sqlite_store, sqlite_url, clock, FAREBOX_SIGNUP_CREDIT_USD="0")


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole surface, signed in as a new user."""
    async with client_of(surface_over(runtime)) as client:
        body = {"email": "ada@example.com", "password": "a long password"}
        session = (await client.post("/api/auth/register", json=body)).json()
        client.headers["authorization"] = f"Bearer {session['token']}"
        yield client
    await runtime.close()
