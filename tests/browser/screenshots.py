"""`make screenshots`: every page at two widths and in both schemes, for people to look at.

They go to build/screenshots; those that the README shows, to docs/images.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.product import ADMIN, Product, running_here
from tests.browser.tour import ADMINS, INSIDE, OUTSIDE, SCHEMES, Scheme, furnish, open_each
from tests.browser.visitor import Visitor, chromium_options
from tests.support.processes import ROOT

WIDTHS = (390, 1440)
PICTURES = ROOT / "build/screenshots"
SHOWN = {"overview-1440-light": "overview.png", "conversation-1440-dark": "chat.png"}
QUESTION = "Say something about prepaid billing, with a table."


async def _shoot(browser: Browser, product: Product, width: int, scheme: Scheme) -> None:
    visitor = await Visitor.arrive(browser, product, width=width, color_scheme=scheme)

    async def picture(name: str) -> None:
        path = PICTURES / f"{name}-{width}-{scheme}.png"
        await visitor.page.screenshot(path=path, full_page=True)
        print(path.relative_to(ROOT))

    async for stop in open_each(visitor, OUTSIDE):
        await picture(stop.name)
    await visitor.sign_in(ADMIN)
    await visitor.chat(QUESTION)
    await picture("conversation")
    async for stop in open_each(visitor, (*INSIDE, *ADMINS)):
        await picture(stop.name)
    await visitor.leave()


async def _shoot_all(product: Product) -> None:
    options = chromium_options()
    if options is None:
        sys.exit("Chromium is not installed. On Debian and Ubuntu: apt install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        for width in WIDTHS:
            for scheme in SCHEMES:
                await _shoot(browser, product, width, scheme)
        await browser.close()


def main() -> None:
    """Make them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_here(Path(folder)) as product:
        furnish(product)
        asyncio.run(_shoot_all(product))
    (ROOT / "docs/images").mkdir(exist_ok=True)
    for picture, shown in SHOWN.items():
        shutil.copy(PICTURES / f"{picture}.png", ROOT / "docs/images" / shown)


if __name__ == "__main__":
    main()
