import pytest

from functions.farebox.storage import Store
from functions.farebox.wiring.runtime import Runtime
from tests.support.runtimes import Clock, runtime_over


@pytest.fixture
def runtime(sqlite_store: Store, sqlite_url: str) -> Runtime:
    return runtime_over(sqlite_store, sqlite_url, Clock())
