"""Somebody who pays: from the first visit to a revoked key."""

import re
import time

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]

REVOKED_WITHIN_S = 5.0


def ask(visitor: Visitor, secret: str) -> httpx.Response:
    """A request of the person's own program, with the key that they copied."""
    body = {"model": "echo", "messages": [{"role": "user", "content": "From my program"}]}
    headers = {"authorization": f"Bearer {secret}"}
    return httpx.post(f"{visitor.product.url}/v1/chat/completions", json=body, headers=headers, timeout=PATIENCE_S)


async def test_somebody_new_tops_up_makes_a_key_chats_sees_what_it_cost_and_revokes(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.sign_up()

    await visitor.go("Billing")
    await page.get_by_role("button", name="Pay $10.00").click()
    await page.get_by_role("button", name="Pay 10.00 USD").click()
    await page.get_by_role("link", name="Back to Farebox").click()
    await expect(page.get_by_role("status").filter(has_text="You paid $10.00")).to_be_visible()
    await expect(page.get_by_role("link", name="Balance $11.00")).to_be_visible()

    await visitor.go("Keys")
    await page.get_by_role("link", name="Create key").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Website")
    await dialog.get_by_role("button", name="Create key").click()
    secret = await dialog.get_by_label("The key").inner_text()
    assert re.fullmatch(r"fb-live-\w+-\S+", secret)
    await dialog.get_by_role("button", name="I have copied it").click()
    answered = ask(visitor, secret)
    assert answered.status_code == 200

    await visitor.chat("Hello from the page")
    answer = page.get_by_role("article", name="Answer")
    await expect(answer).to_contain_text("You said: Hello from the page")
    await expect(answer).to_contain_text(re.compile(r"\$0\.0000\d+"))
    assert secret not in await page.content(), "a key is shown once"

    await visitor.go("Usage")
    table = page.get_by_role("table", name="Requests, newest first")
    await expect(table.get_by_role("row")).to_have_count(3)  # with its head
    await table.get_by_role("row").filter(has_text="Website").get_by_role("link").first.click()
    receipt = page.get_by_role("region", name="Receipt")
    await expect(receipt).to_contain_text(f"${answered.headers['x-farebox-cost-usd']}")
    await expect(receipt).to_contain_text("it agrees")

    await visitor.go("Keys")
    await page.get_by_role("link", name="Website").click()
    rotations: list[str] = []
    page.on("request", lambda request: rotations.append(request.url) if request.url.endswith("/rotate") else None)
    await page.get_by_role("button", name="Rotate").click()
    await dialog.get_by_role("button", name="Rotate key").dblclick()
    assert await dialog.get_by_label("The key").inner_text() != secret
    await dialog.get_by_role("button", name="I have copied it").click()
    assert len(rotations) == 1, "of two new secrets in a row, the one that is shown may be the one that has ended"
    await page.get_by_role("button", name="Revoke").press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Revoke key").press("Enter")
    await expect(page.get_by_text("Revoked").first).to_be_visible()
    await expect(page.locator("#content")).to_be_focused()  # the button is gone
    deadline = time.monotonic() + REVOKED_WITHIN_S
    while ask(visitor, secret).status_code == 200:
        assert time.monotonic() < deadline, "a revoked key is refused within five seconds"


async def test_refusals_stand_at_the_field_that_they_are_about(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.come_back()
    visitor.expect_refusals()

    await page.get_by_role("button", name="Account", exact=True).click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await page.goto("/sign-up")
    await page.get_by_label("E-mail address").fill(visitor.email)
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Make account").click()
    await expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(re.compile("characters"))

    await page.get_by_label("Password", exact=True).fill("a long password")
    await page.get_by_role("button", name="Make account").click()
    await expect(page.get_by_label("E-mail address")).to_have_accessible_description(re.compile("account"))
    assert visitor.email not in page.url, "nothing personal goes into an address"


async def test_a_mailed_link_resets_the_password_and_its_token_leaves_the_address_bar(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.join()
    await page.goto("/forgot-password")
    await page.get_by_label("E-mail address").fill(visitor.email)
    await page.get_by_role("button", name="Send the link").click()
    await expect(page.get_by_role("status")).to_be_visible()

    token = visitor.product.mailed_token(visitor.email)
    await page.goto(f"/reset-password#token={token}")
    await page.get_by_label("New password").fill("another long password")
    assert token not in page.url
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your password is changed")
