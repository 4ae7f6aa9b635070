"""What once was broken in the dashboard: files that do not come, words of charts, focus, money without a word."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.product import ADMIN, Product
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]


async def test_a_page_whose_file_does_not_come_says_so_keeps_the_menu_and_is_there_once_it_does(
    visitor: Visitor,
) -> None:
    page = visitor.page
    visitor.expect_refusals()
    await visitor.come_back()
    await visitor.settle()

    async def refuse(route: Route) -> None:
        await route.fulfill(status=404, body="gone")

    await page.route(re.compile(r"/assets/KeysPage.*\.js"), refuse)
    menu = page.get_by_role("navigation")
    await menu.get_by_role("link", name="Keys").click()
    await expect(page.get_by_role("alert")).to_contain_text("This page could not be loaded")
    await expect(menu.get_by_role("link", name="Overview", exact=True)).to_be_visible()
    await page.unroute(re.compile(r"/assets/KeysPage.*\.js"), refuse)
    visitor.complaints.clear()  # of the files that did not come
    await visitor.go("Billing")
    await visitor.go("Keys")
    await page.go_back()

    is_new = False

    async def deployed(route: Route) -> None:
        """A newer version: another page, and yesterday's files are gone."""
        nonlocal is_new
        is_new = is_new or route.request.resource_type == "document"
        if is_new:
            await route.continue_()
        elif "/assets/" in route.request.url:
            await route.fulfill(status=404, body="gone")
        else:
            await route.fulfill(status=200, body="<script type=module src=/assets/newer.js></script>")

    await page.route(re.compile(r"/assets/AccountPage.*\.js|://[^/]+/(account)?$"), deployed)
    await page.get_by_role("button", name="Account", exact=True).click()
    await page.get_by_role("menuitem", name="Account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    assert is_new
    visitor.complaints.clear()


async def in_a_while(route: Route) -> None:
    """A file comes as slowly as on a train."""
    await asyncio.sleep(1)
    await route.continue_()


async def test_charts_tell_their_words_and_a_model_is_chosen_by_typing(visitor: Visitor, furnished: Product) -> None:
    page = visitor.page
    await page.route(re.compile(r"/assets/CommandPalette.*\.js"), in_a_while)
    await visitor.come_back("/usage", email=ADMIN)
    await visitor.settle()
    await page.locator("figure .recharts-bar-rectangle").last.hover()
    await expect(page.locator(".recharts-tooltip-wrapper")).to_contain_text(re.compile(r"Spend\$0\.00\d+"))

    html, menu = page.locator("html"), page.get_by_role("navigation")
    await page.emulate_media(color_scheme="dark")
    await expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    await page.emulate_media(media="print")
    await expect(html).to_have_attribute("data-mantine-color-scheme", "light")  # paper is white
    await expect(menu).to_have_count(0)  # not for eyes, nor in the tree of what is read
    await page.emulate_media(media="screen")
    await expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    await expect(menu).to_be_visible()

    await page.keyboard.press("Control+k")
    await page.keyboard.type("chat")  # before the palette is there
    await expect(page.get_by_role("textbox", name="Search pages, things and actions")).to_have_value("chat")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=re.compile("^Model: ")).click()
    await page.get_by_role("textbox", name="Search models").fill("fallback")
    await page.get_by_role("textbox", name="Search models").fill("echo")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Model: echo")).to_be_focused()
    await page.get_by_role("textbox", name="Message").fill("Hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article", name="Answer").last).to_have_attribute("aria-busy", "false")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def test_a_change_of_plan_says_what_it_costs_and_leaves_one_subscription(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.come_back("/billing/plans")
    await page.get_by_role("button", name="Subscribe to Starter").click()
    await page.get_by_role("button", name=re.compile("^Pay 10.00 USD")).click()
    await page.get_by_role("link", name="Back to Farebox").click()
    await visitor.settle()  # a page that is left while it renews its session has lost it
    await page.goto("/billing/plans")
    mine = page.get_by_role("region", name="Your subscription")
    await expect(mine).to_contain_text("Renews")

    await page.get_by_role("button", name="Change to Pro").click()
    await expect(page.get_by_role("dialog")).to_contain_text("$40.00 is charged today, tax included")
    await page.get_by_role("button", name="Go on to the payment page").click()
    await page.locator("select[name=plan]").select_option("pro")  # of the provider's page
    await page.get_by_role("button", name="Change").click()
    await page.get_by_role("link", name="Back to Farebox").click()
    await visitor.settle()  # a page that is left while it renews its session has lost it
    await page.goto("/billing/plans")
    await expect(mine).to_contain_text("$50.00 a month")
    await expect(mine).to_have_count(1)
