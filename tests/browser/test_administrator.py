"""An administrator at work: find a user, give credit, see as them, suspend them, cap a tenant, change a price."""

import re

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.product import ADMIN, Product
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]


def someone(product: Product) -> str:
    """The address of a user who has just come."""
    email = "grace.brewster.murray@engineering.subsidiary.example.org"
    body = {"email": email, "password": PASSWORD}
    assert httpx.post(f"{product.url}/api/auth/register", json=body, timeout=PATIENCE_S).status_code == 201
    product.welcome(email)
    return email


async def test_an_administrator_finds_a_user_gives_credit_caps_a_tenant_changes_a_price_and_switches_an_upstream_off(
    visitor: Visitor, furnished: Product
) -> None:
    page = visitor.page
    email = someone(furnished)
    await visitor.come_back(email=ADMIN)

    await visitor.go("Users")
    await page.get_by_label("Name or address").fill("GRACE")
    await page.get_by_role("link", name=email).click()
    await page.get_by_role("button", name="Change balance").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Credit to give").fill("2.50")
    await sheet.get_by_label("Reason").fill("For patience")
    await sheet.get_by_role("button", name="Give credit").click()
    await expect(page.get_by_text(f"{email} now has $3.50")).to_be_visible()

    for action, other in (("Suspend", "Restore"), ("Restore", "Suspend")):
        await page.get_by_role("button", name=action).press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name=f"{action} account").press("Enter")
        await expect(page.get_by_role("button", name=other)).to_be_focused()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await visitor.settle()

    await page.get_by_role("button", name="See as").click()
    dialog = page.get_by_role("dialog")
    assert await dialog.evaluate("it => it.scrollWidth <= it.clientWidth"), "a long address has room in its title"
    await dialog.get_by_label("Reason").fill("They see no keys")
    await dialog.get_by_role("button", name="See as this user").click()
    await expect(page.get_by_role("link", name="Balance $3.50")).to_be_visible()
    await expect(page.get_by_role("heading", name="This is how to begin")).to_be_visible()
    await expect(page.get_by_role("link", name="Create a key")).to_have_count(0)
    await expect(page.get_by_role("navigation").get_by_role("link", name="Users")).to_have_count(0)
    await visitor.go("Keys")
    await expect(page.get_by_role("button", name="Create key")).to_have_count(0)
    await page.get_by_role("button", name="Back to my own").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(email)

    await visitor.go("Users")
    await page.get_by_role("checkbox", name=f"Choose {email}").check()
    await page.get_by_role("button", name="Suspend").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Suspend 1 account").click()
    await expect(dialog.get_by_role("listitem")).to_contain_text("Done")
    await dialog.get_by_role("button", name="Done").click()
    await page.get_by_role("combobox", name="Status").click()
    await page.get_by_role("option", name="Suspended").click()
    await expect(page.get_by_text("1 found")).to_be_visible()

    await visitor.go("Tenants")
    await page.get_by_role("button", name="Set a budget").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Tenant").fill("school")
    await sheet.get_by_label("Budget a month").fill("75")
    await sheet.get_by_label("Time zone").fill("Europe/Berlin")
    await sheet.get_by_role("button", name="Save budget").click()
    budgets = page.get_by_role("table", name="Tenants with a budget")
    await expect(budgets.get_by_role("row", name="school")).to_contain_text("$0.00 of $75.00")

    await visitor.go("Pricing")
    await page.get_by_label("Find a model").fill("echo")
    await page.get_by_role("link", name="echo", exact=True).click()
    await page.get_by_role("button", name="Change price").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Input", exact=True).fill("0.20")
    await sheet.get_by_role("button", name="Add a tier").click()
    tier = sheet.get_by_role("group", name="Longer prompts")
    await tier.get_by_label("Above so many tokens").fill("64,000")
    await tier.get_by_label("Input", exact=True).fill("0.30")
    await tier.get_by_label("Output").fill("0.60")
    await sheet.get_by_role("button", name="Add a service tier").click()
    service = sheet.get_by_role("group", name="Service tiers")
    await service.get_by_label("Name, such as").fill("priority")
    await service.get_by_label("Input", exact=True).fill("0.40")
    await service.get_by_label("Output").fill("0.80")
    await service.get_by_role("button", name="Longer prompts in this tier").click()
    longer = service.get_by_role("group", name="Longer prompts in priority")
    await longer.get_by_label("Above so many tokens").fill("128,000")
    await longer.get_by_label("Input", exact=True).fill("0.60")
    await longer.get_by_label("Output").fill("1.20")
    await sheet.get_by_role("button", name="What it can do").click()
    await sheet.get_by_role("combobox", name="Reads").fill("image")
    await page.get_by_role("option", name="image").click()
    await sheet.get_by_role("button", name="Who would pay what more?").click()
    await expect(sheet.get_by_text(re.compile("customers? used in 30 days"))).to_be_visible()
    await expect(sheet.get_by_text("Tiers as in the newest")).to_be_visible()
    await sheet.get_by_role("button", name="Set price").click()
    await expect(page.get_by_role("table", name="Versions of the price").get_by_role("row")).to_have_count(3)

    await expect(page.get_by_text("Above 64,000 tokens", exact=True)).to_be_visible()
    await expect(page.get_by_text("priority, above 64,000 tokens")).to_be_visible()
    await expect(page.get_by_text("priority, above 128,000 tokens")).to_be_visible()
    await expect(page.get_by_text("image", exact=True)).to_be_visible()
    await expect(
        page.get_by_role("cell", name="> 64,000, priority, priority > 64,000, priority > 128,000")
    ).to_be_visible()

    await visitor.go("Upstreams")
    switch = page.get_by_role("switch", name="Requests go to spare")
    await expect(switch).to_be_checked()
    await page.locator("label", has=switch).or_(switch).first.click(force=True)
    await page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    await expect(switch).not_to_be_checked()

    await visitor.go("Errors")
    await expect(page.get_by_text("Nothing failed")).to_be_visible()
    await visitor.go("Setup")
    await expect(page.get_by_text("Missing: Public address, Payments")).to_be_visible()

    await visitor.go("Audit trail")
    changes = page.get_by_role("list", name="Changes").get_by_role("listitem")
    await expect(changes.nth(0)).to_contain_text("Changed an upstream")
    await expect(changes.nth(1)).to_contain_text("Set a price")
    await expect(changes.nth(2)).to_contain_text("Set a tenant's budget")
    await expect(changes.nth(3)).to_contain_text("Changed a user")
    await expect(changes.nth(4)).to_contain_text("Saw the dashboard as a user")
    await changes.nth(7).get_by_role("button", name="Gave credit").click()
    await expect(changes.nth(7)).to_contain_text("For patience")
