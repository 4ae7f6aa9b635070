"""Fixtures: the whole surface over a store of its own, and who calls it. A folder's conftest names those it wants."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.edges import surface_over
from tests.support.http import client_of
from tests.support.operator import AS_ADMIN, AS_GATEWAY, DOORS, register
from tests.support.runtimes import Clock, runtime_over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, clock, **DOORS)


@pytest.fixture
def app(runtime: Runtime) -> ASGIApp:
    return surface_over(runtime)


@pytest.fixture
async def client(app: ASGIApp, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole surface, without any key."""
    async with client_of(app) as client:
        yield client
    await runtime.close()


@pytest.fixture
async def admin(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the admin key."""
    async with client_of(app) as client:
        client.headers.update(AS_ADMIN)
        yield client


@pytest.fixture
async def gateway(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Another gateway, with the billing key."""
    async with client_of(app) as client:
        client.headers.update(AS_GATEWAY)
        yield client


@pytest.fixture
async def uid(client: httpx.AsyncClient) -> str:
    """A user with one USD."""
    return (await register(client))[0]
