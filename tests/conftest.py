"""Fixtures that every test may ask for: a store, on each engine or on the embedded one alone."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.support.emulators.emulator import AUTH, FIRESTORE, Emulator, EmulatorAbsent, running_emulator
from tests.support.fixtures.index_guard import every_query_has_its_index
from tests.support.fixtures.logs import logs_as_they_were
from tests.support.product.production_stack import Stack, running_stack
from tests.support.skipping import absent

# pytest finds them here, and applies the first to every test
__all__ = ["every_query_has_its_index", "logs_as_they_were"]

NO_EMULATOR = "no {} emulator here"

# What takes longest begins first, so that no process is left with one of these when the others have nothing to do.
LONGEST = (
    "browser/test_accessibility.py",
    "scenarios/test_durability.py",
    "infra/test_runbooks.py",
    "edge/rest/test_fuzz.py",
    "browser/",
    "simulation/",
)

# How long an example takes says nothing where several test processes share two cores.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


def pytest_sessionstart() -> None:
    """Collect tests without looking for garbage, of which that makes none: in each process it took a quarter of it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays to the end, and is never looked through again."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first, in their order, and leave the rest as it is."""
    places = {f"tests/{path}": place for place, path in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        return next((place for path, place in places.items() if item.nodeid.startswith(path)), len(places))

    items.sort(key=place)


@pytest.fixture(scope="session")
def firestore_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The `host:port` of Firestore's emulator."""
    yield from _shared(FIRESTORE, tmp_path_factory)


@pytest.fixture(scope="session")
def auth_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The `host:port` of Firebase Authentication's emulator. It has one project, whose users all tests share."""
    yield from _shared(AUTH, tmp_path_factory)


@pytest.fixture(scope="session")
def stack(firestore_emulator: str, auth_emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product as production has it, once for all tests that ask: nine processes, so `make interop` alone
    pays for it. The environment says where Firestore is, so that tests can open the same store."""
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    with (
        pytest.MonkeyPatch.context() as patch,
        running_stack(
            tmp_path_factory.mktemp("stack"),
            firestore=firestore_emulator,
            auth=auth_emulator,
            FAREBOX_SUPPORT_EMAIL="help@example.com",  # whom the pages that a browser visits tell people to ask
        ) as stack,
    ):
        patch.setenv(FIRESTORE.variable, firestore_emulator)
        yield stack


def _shared(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One emulator for all of a run's processes. Where it cannot be had, tests that need it are skipped, but fail in
    CI."""
    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        directory = directory.parent
    try:
        with running_emulator(emulator, directory) as address:
            yield address
    except EmulatorAbsent as why:
        absent(f"{NO_EMULATOR.format(emulator.name)}: {why}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what a green run did not test."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    for emulator in (FIRESTORE, AUTH):
        missing = [reason for reason in reasons if NO_EMULATOR.format(emulator.name) in reason]
        if missing:
            terminalreporter.section(f"{emulator.name.upper()} WAS NOT TESTED", sep="!", red=True, bold=True)
            terminalreporter.line(f"{len(missing)} tests. {missing[0]}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite store of this test's own."""
    return f"sqlite:///{tmp_path / 'farebox.db'}"


@pytest.fixture
def firestore_url(firestore_emulator: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty Firestore of this test's own; the environment says where the emulator is."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)
    return f"firestore://test-{uuid4().hex}"


@pytest.fixture(params=["sqlite", "firestore"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store of this test's own, on each engine in turn: what `store` has open, for tests that
    open it in another process too."""
    url: str = request.getfixturevalue(f"{request.param}_url")
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
