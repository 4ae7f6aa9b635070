"""What people with a screen reader, a keyboard or weak eyes need: axe finds nothing serious on any page. What everybody
needs: no text is cut or lies over other text, at any width."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.product import ADMIN, Product
from tests.browser.tour import ADMINS, INSIDE, LONG_ADDRESS, OUTSIDE, SCHEMES, Scheme, Stop, open_each, walk
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.processes import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600, func_only=True)]

AXE = ROOT / "dashboard/node_modules/axe-core/axe.min.js"
CUT_TEXT = (ROOT / "tests/browser/cut_text.js").read_text()
WORTH_A_FAILURE = ("serious", "critical")
VIOLATIONS: dict[str, Any] = {"resultTypes": ["violations"]}
# That everything is in a landmark is asked for moderately, and takes a quarter of the time.
EVERYTHING = {**VIOLATIONS, "rules": {"region": {"enabled": False}}}
COLOURS = {**VIOLATIONS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


async def violations(visitor: Visitor, stop: Stop, schemes: Sequence[Scheme]) -> AsyncIterator[str]:
    """What axe finds serious. Its script is evaluated, since the page's policy lets no other script in.

    A scheme changes nothing but colours, so in the second one they alone are looked at, and on one page alone: what a
    wide screen shows beside a page is the same on all of them, and the pages themselves are dark at the other width.
    """
    if stop != INSIDE[0]:
        schemes = schemes[:1]
    if not await visitor.page.evaluate("'axe' in window"):
        await visitor.page.evaluate(AXE.read_text())
    for scheme in schemes:
        await visitor.page.emulate_media(color_scheme=scheme)
        await expect(visitor.page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        await visitor.settle()
        options = EVERYTHING if scheme == schemes[0] else COLOURS
        found = await visitor.page.evaluate("async (options) => (await axe.run(options)).violations", options)
        for violation in found:
            if violation["impact"] in WORTH_A_FAILURE:
                for node in violation["nodes"]:
                    where = f"{stop.name} in {scheme}: {violation['id']}: {' '.join(node['target'])}"
                    yield f"{where}: {node['failureSummary']}"


async def illegible(visitor: Visitor, stop: Stop, widths: Sequence[int]) -> AsyncIterator[str]:
    """What is cut, or lies over something else, or is named otherwise than it says, at each width."""
    height = 900
    for width in widths:
        await visitor.page.set_viewport_size({"width": width, "height": height})
        await visitor.settle()
        for each in await visitor.page.evaluate(CUT_TEXT):
            yield f"{stop.name} at {width}: {each}"


async def test_somebody_without_any_data_and_with_a_long_address_reads_every_page_whole(visitor: Visitor) -> None:
    visitor.email = visitor.email.replace("@", ".lovelace@analytical-engines.")
    await visitor.come_back()
    inside = walk(visitor, INSIDE)
    assert [each async for stop in inside async for each in illegible(visitor, stop, (1440, 390))] == []


@pytest.mark.parametrize(
    ("widths", "schemes"), [((1440, 1920, 1024, 768), SCHEMES), ((390, 320), ["dark"])], ids=["1440", "390"]
)
async def test_no_page_has_a_serious_violation_and_all_of_its_text_can_be_read(
    chromium: Browser, furnished: Product, widths: Sequence[int], schemes: Sequence[Scheme]
) -> None:
    width = widths[0]
    visitor = await Visitor.arrive(chromium, furnished, width=width, color_scheme=schemes[0])
    found = [each async for stop in walk(visitor, OUTSIDE) async for each in violations(visitor, stop, schemes)]
    await visitor.sign_in(ADMIN)
    async for stop in walk(visitor, (*INSIDE, *ADMINS)):
        found += [each async for each in violations(visitor, stop, schemes)]
        found += [each async for each in illegible(visitor, stop, (*widths[1:], width))]
    await visitor.leave()
    assert found == []


async def test_dialogs_have_room_for_the_longest_address_and_begin_at_their_content(
    chromium: Browser, furnished: Product
) -> None:
    visitor = await Visitor.arrive(chromium, furnished, width=320)
    page, dialog = visitor.page, visitor.page.get_by_role("dialog")
    await visitor.come_back("/admin/users", email=ADMIN)
    await page.get_by_role("link", name=LONG_ADDRESS).click()
    for opener, first in (
        ("Suspend", dialog.get_by_role("button", name="Cancel")),
        ("See as", dialog.get_by_label("Reason")),
        ("Change balance", dialog.get_by_label("Credit to give")),
    ):
        await page.get_by_role("button", name=opener, exact=True).click()
        await expect(first).to_be_focused()
        assert await dialog.evaluate("it => it.scrollWidth <= it.clientWidth"), opener
        assert await page.evaluate(CUT_TEXT) == [], opener
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
    await page.goto("/account/security")
    await page.get_by_role("button", name="Set it up").click()
    await expect(dialog.get_by_label("Code", exact=True)).to_be_focused()
    await visitor.leave()


async def test_who_reads_from_right_to_left_reads_every_page_whole_and_arrows_point_their_way(
    chromium: Browser, furnished: Product
) -> None:
    visitor = await Visitor.arrive(chromium, furnished)
    page = visitor.page
    turned = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; })"
    await page.context.add_init_script(turned)
    found = [each async for stop in open_each(visitor, OUTSIDE) async for each in illegible(visitor, stop, (1440, 320))]
    await visitor.come_back(email=ADMIN)
    found += [
        each async for stop in walk(visitor, (*INSIDE, *ADMINS)) async for each in illegible(visitor, stop, (320, 1440))
    ]
    assert found == []
    await page.goto("/usage/requests/tour-request")
    back = page.get_by_role("main").get_by_role("link", name="Usage").locator("svg")
    await expect(back).to_have_css("scale", "-1 1")
    await visitor.leave()


async def test_who_prefers_german_reads_every_page_whole_in_it_and_may_choose_english(
    chromium: Browser, furnished: Product
) -> None:
    visitor = await Visitor.arrive(chromium, furnished, locale="de-DE")
    page = visitor.page
    # At 1024 px a page has as much room as at 768, at 1920 as at 1440; the last is 1280 px at 400 % (WCAG 1.4.10).
    widths = (1440, 768, 390, 320)
    outside = open_each(visitor, OUTSIDE, in_english=False)
    found = [each async for stop in outside async for each in illegible(visitor, stop, widths)]
    await page.goto("/sign-in")
    for before, chosen, button in (
        ("Sprache: Deutsch", "English", "Language: English"),
        ("Language: English", "Deutsch", "Sprache: Deutsch"),
    ):
        await page.get_by_role("button", name=before).press("Enter")
        await page.get_by_role("menuitem", name=chosen).press("Enter")
        await expect(page.get_by_role("button", name=button)).to_be_focused()
    visitor.expect_refusals()
    await page.get_by_label("E-Mail-Adresse").fill(ADMIN)
    await page.get_by_label("Passwort", exact=True).fill("a wrong one")
    await page.get_by_label("Passwort", exact=True).press("Enter")
    await expect(page.get_by_text("Die E-Mail-Adresse oder das Passwort ist falsch.")).to_be_visible()
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Übersicht")
    inside = open_each(visitor, (*INSIDE, *ADMINS), in_english=False)
    found += [each async for stop in inside async for each in illegible(visitor, stop, widths)]
    await page.get_by_role("button", name="Konto", exact=True).click()
    await page.get_by_role("menuitem", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_role("button", name="Account", exact=True)).to_be_focused()
    await visitor.leave()
    assert found == []
    assert visitor.complaints == []
