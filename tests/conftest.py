"""Fixtures that every test may ask for: a store, on each engine or on the embedded one alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite store of this test's own."""
    return f"sqlite:///{tmp_path / 'farebox.db'}"


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store of this test's own, on each engine in turn: what `store` has open, for tests that
    open it in another process too."""
    url: str = request.getfixturevalue("sqlite_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An empty store, on each engine in turn."""
    store = Store(open_engine(store_url))
    yield store
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """An empty store on SQLite, for what does not depend on the engine."""
    store = Store(open_engine(sqlite_url))
    yield store
    await store.close()
