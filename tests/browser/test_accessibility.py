"""What people with a screen reader, a keyboard or weak eyes need: axe finds nothing serious on any page."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.product import ADMIN, Product
from tests.browser.tour import ADMINS, INSIDE, OUTSIDE, Scheme, Stop, walk
from tests.browser.visitor import Visitor
from tests.support.processes import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

AXE = ROOT / "dashboard/node_modules/axe-core/axe.min.js"
WORTH_A_FAILURE = ("serious", "critical")


async def violations(visitor: Visitor, stop: Stop) -> AsyncIterator[str]:
    """What axe finds serious. Its script is evaluated, since the page's policy lets no other script in."""
    await visitor.page.evaluate(AXE.read_text())
    found: dict[str, Any] = await visitor.page.evaluate("axe.run()")
    for violation in found["violations"]:
        if violation["impact"] in WORTH_A_FAILURE:
            for node in violation["nodes"]:
                yield f"{stop.name}: {violation['id']}: {' '.join(node['target'])}: {node['failureSummary']}"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("dark", 390)])
async def test_no_page_has_a_serious_violation(
    chromium: Browser, furnished: Product, scheme: Scheme, width: int
) -> None:
    context = await chromium.new_context(
        base_url=furnished.url, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    visitor = Visitor(await context.new_page(), furnished)
    found = [each async for stop in walk(visitor, OUTSIDE) async for each in violations(visitor, stop)]
    await visitor.sign_in(ADMIN)
    found += [each async for stop in walk(visitor, (*INSIDE, *ADMINS)) async for each in violations(visitor, stop)]
    await context.close()
    assert found == []
