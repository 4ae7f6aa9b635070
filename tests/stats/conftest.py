from collections.abc import AsyncIterator

import httpx
import pytest

from functions.edge.standalone import Standalone
from functions.farebox.runtime import Runtime
from functions.farebox.storage import Store
from tests.support.http import client_of
from tests.support.operator import DOORS
from tests.support.runtimes import Clock, runtime_over


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str, clock: Clock) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, clock, **DOORS)


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole surface, signed in as nobody."""
    async with client_of(Standalone(runtime)) as client:
        yield client
    await runtime.close()
