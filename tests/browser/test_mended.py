"""What once was broken in the dashboard: files that do not come, tooltips, focus, two subscriptions, cut text."""

import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_a_page_whose_file_does_not_come_says_so_keeps_the_menu_and_is_there_once_it_does(
    visitor: Visitor,
) -> None:
    page = visitor.page
    visitor.expect_refusals()
    await visitor.sign_up()
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

    async def deployed(route: Route) -> None:
        """A newer version: another page, and yesterday's files are gone."""
        if route.request.resource_type == "document":
            await page.unroute_all()
            await route.continue_()
        elif "/assets/" in route.request.url:
            await route.fulfill(status=404, body="gone")
        else:
            await route.fulfill(status=200, body="<script type=module src=/assets/newer.js></script>")

    await page.route(re.compile(r"/assets/AccountPage.*\.js|localhost:\d+/(account)?$"), deployed)
    await page.get_by_role("button", name="Account", exact=True).click()
    await page.get_by_role("menuitem", name="Account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    visitor.complaints.clear()
