"""The real product in a real browser: one server and one Chromium for all, a fresh profile for each test.

`make interop` sets `FAREBOX_BROWSER=stack`: then the product is each function apart, on Firestore and Firebase.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.product import Product, running_apart, running_here
from tests.browser.tour import furnish
from tests.browser.visitor import Visitor, chromium_options
from tests.support.processes import ROOT
from tests.support.skipping import absent


@pytest.fixture(scope="session")
def dashboard() -> None:
    """The dashboard as it is built from these sources."""
    if subprocess.run(["sh", ROOT / "scripts/find_node.sh"], check=False).returncode != 0:
        absent("Node.js 20.19 or newer is not installed")
    subprocess.run(["sh", ROOT / "scripts/build_dashboard.sh"], check=True, timeout=300)


@pytest.fixture(scope="session")
def product(
    dashboard: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The whole product on the embedded store, or as production has it."""
    if os.environ.get("FAREBOX_BROWSER") == "stack":
        yield running_apart(request.getfixturevalue("stack"))
        return
    folder: Path = tmp_path_factory.mktemp("product")
    with running_here(folder) as product:
        yield product


@pytest.fixture(scope="session")
def furnished(product: Product) -> Product:
    """The product with an administrator's account that has been used."""
    furnish(product)
    return product


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, or whichever is installed."""
    options = chromium_options()
    if options is None:
        absent("Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        yield browser
        await browser.close()


class Visitors:
    """People at browsers of their own, whose consoles must stay silent."""

    def __init__(self, chromium: Browser, product: Product) -> None:
        self._chromium = chromium
        self._product = product
        self._all: list[Visitor] = []

    async def another(self) -> Visitor:
        """Somebody at an empty browser."""
        self._all.append(await Visitor.arrive(self._chromium, self._product))
        return self._all[-1]

    async def leave(self) -> None:
        """Close their browsers."""
        for visitor in self._all:
            await visitor.leave()
        for visitor in self._all:
            assert visitor.complaints == [], "the browser's console stays silent"


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(chromium: Browser, product: Product) -> AsyncIterator[Visitors]:
    """As many people as a test needs."""
    visitors = Visitors(chromium, product)
    yield visitors
    await visitors.leave()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(visitors: Visitors) -> Visitor:
    """Somebody at an empty browser."""
    return await visitors.another()
