"""Several people who share a wallet, and each who looks after their own account: walked in the browser.

On a stack as production has it, mails of invitations reach no test.
"""

import os
import re
import time

import httpx
import pyotp
import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Visitors
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.patience import PATIENCE_S

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240, func_only=True),
    pytest.mark.skipif(os.environ.get("FAREBOX_BROWSER") == "stack", reason="its mails are Firebase's"),
]

REMOVED_WITHIN_S = 5.0
TOTP_STEP_S = 30
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def ask(visitor: Visitor, secret: str) -> httpx.Response:
    """A request of a member's program."""
    body = {"model": "echo", "messages": [{"role": "user", "content": "From my program"}]}
    headers = {"authorization": f"Bearer {secret}"}
    return httpx.post(f"{visitor.product.url}/v1/chat/completions", json=body, headers=headers, timeout=PATIENCE_S)


async def found_organisation(owner: Visitor, name: str) -> None:
    """Make an organisation, and give it credit."""
    page = owner.page
    await page.get_by_role("button", name="Organisation: ").click()
    await page.get_by_role("menuitem", name="New organisation").click()
    await page.get_by_role("dialog").get_by_label("Name").fill(name)
    await page.get_by_role("dialog").get_by_role("button", name="Create organisation").click()
    await expect(page.get_by_role("button", name=f"Organisation: {name} Owner")).to_be_visible()
    await expect(page.get_by_role("link", name="Balance $0.00")).to_be_visible()
    await owner.go("Billing")
    await page.get_by_role("button", name="Pay $10.00").click()
    await page.get_by_role("button", name="Pay 10.00 USD").click()
    await page.get_by_role("link", name="Back to Farebox").click()
    await expect(page.get_by_role("link", name="Balance $10.00")).to_be_visible()


async def accept(member: Visitor, token: str, name: str) -> None:
    """Follow the mail of an invitation without an account: make one, prove its address, accept."""
    page = member.page
    await page.goto(f"/invitation#token={token}")
    await page.get_by_role("link", name="Make an account").click()
    assert token not in page.url
    await page.get_by_label("E-mail address").fill(member.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Make account").click()
    member.expect_refusals()  # that the address is to be proved first
    await page.get_by_role("button", name="Accept the invitation").click()
    await page.get_by_role("button", name="Send the confirmation mail").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await page.goto(f"/verify-email#token={member.product.mailed_token(member.email)}")
    await page.get_by_role("link", name="Go on to your invitation").click()
    await page.get_by_role("button", name="Accept the invitation").click()
    await expect(page.get_by_role("button", name=f"Organisation: {name} Member")).to_be_visible()


async def spent_in(owner: Visitor, row: Locator) -> None:
    """Wait until what a member spent has been settled, and the owner sees it."""
    deadline = time.monotonic() + 30
    while not re.search(r"\$0\.0000\d+ of \$2\.00", await row.inner_text()):
        assert time.monotonic() < deadline, "what a member spent is told by member"
        await owner.page.reload()
        await expect(row).to_be_visible()


async def test_a_member_is_invited_spends_within_a_budget_and_is_stopped_when_removed(
    visitor: Visitor, visitors: Visitors
) -> None:
    owner, member, name = visitor, await visitors.another(), "Analytical Engines"
    page = owner.page
    await owner.come_back()
    await found_organisation(owner, name)
    await owner.go("Organisation")
    await page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("E-mail address").fill(member.email)
    await dialog.get_by_label("Monthly budget").fill("2")
    await dialog.get_by_role("button", name="Send invitation").click()
    await expect(page.get_by_role("table", name="Invitations")).to_contain_text(member.email)

    await accept(member, member.product.mailed_token(member.email), name)
    theirs = member.page
    navigation = theirs.get_by_role("navigation")
    await expect(navigation.get_by_role("link", name="Keys", exact=True)).to_be_visible()
    await expect(navigation.get_by_role("link", name="Billing", exact=True)).to_have_count(0)
    await expect(theirs.get_by_text("$10.00").first).to_be_visible()
    await member.go("Keys")
    await theirs.get_by_role("link", name="Create key").first.click()
    dialog = theirs.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Laptop")
    await dialog.get_by_role("button", name="More limits").click()
    await dialog.get_by_label("Total budget").fill("1")
    await dialog.get_by_role("button", name="Create key").click()
    secret = await dialog.get_by_label("The key").inner_text()
    await dialog.get_by_role("button", name="I have copied it").click()
    await expect(theirs.get_by_text("Spent in all")).to_be_visible()
    assert ask(member, secret).status_code == 200
    await theirs.reload()
    await expect(theirs.get_by_role("button", name=f"Organisation: {name} Member")).to_be_visible()

    await page.reload()
    row = page.get_by_role("table", name="Members").get_by_role("row").filter(has_text=member.email)
    await spent_in(owner, row)
    await page.goto("/usage?split=member")
    await expect(page.locator("figure").first).to_contain_text(member.email)
    await owner.go("Organisation")
    await page.get_by_role("button", name=f"Actions for {member.email}").click()
    await page.get_by_role("menuitem", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove member").click()
    await expect(page.get_by_text("is removed")).to_be_visible()
    deadline = time.monotonic() + REMOVED_WITHIN_S
    while ask(member, secret).status_code == 200:
        assert time.monotonic() < deadline, "a removed member's key is refused within five seconds"
    await theirs.reload()
    await expect(theirs.get_by_role("button", name=f"Organisation: {member.email} Your own")).to_be_visible()

    await page.get_by_role("tab", name="Audit trail").click()
    trail = page.get_by_role("list", name="Audit trail")
    removed = re.compile(r"Removed a memberu\w+")  # by their id: their address is no more to be told
    for told in (removed, "Made a key", "Accepted an invitation", "Invited somebody", "Began a payment"):
        await expect(trail).to_contain_text(told)
    main = page.get_by_role("main")
    for path in ("/usage?split=member", "/keys"):
        await page.goto(path)
        await expect(main).to_contain_text(re.compile(r"Former member u\w+…"))
        await expect(main).not_to_contain_text(member.email)


async def signed_in_again(visitor: Visitor) -> None:
    """Go on with a form whose session was ended, with a passkey."""
    page = visitor.page
    question = page.get_by_role("dialog").filter(has_text="Your session has ended")
    deadline = time.monotonic() + 30
    while not await question.is_visible():  # what has ended is refused within seconds
        assert time.monotonic() < deadline, "a session that was ended elsewhere is refused"
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_timeout(500)
    await question.get_by_label("Password", exact=True).fill(PASSWORD)
    await question.get_by_role("button", name="Sign in", exact=True).click()
    await question.get_by_role("button", name="Use a passkey instead").click()
    await expect(question).to_have_count(0)
    await expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Your profile is saved.").last).to_be_visible()


async def test_second_factors_are_asked_for_and_sessions_end_from_elsewhere(
    visitor: Visitor, visitors: Visitors
) -> None:
    page, other = visitor.page, await visitors.another()
    await visitor.come_back("/account/security")
    other.email = visitor.email
    await other.sign_in(visitor.email)  # before there is a second factor: this session has shown none

    await page.get_by_role("button", name="Set it up").click()
    dialog = page.get_by_role("dialog")
    app = pyotp.TOTP(await dialog.get_by_label("Secret", exact=True).inner_text())
    now = time.time()
    await dialog.get_by_role("textbox", name="Code").fill(app.at(now))
    await dialog.get_by_role("button", name="Confirm").click()
    codes = page.get_by_role("list", name="Codes for recovery").get_by_role("listitem")
    await expect(codes).to_have_count(10)
    recovery = await codes.first.inner_text()
    await page.get_by_role("button", name="I have kept them").click()

    browser = await other.page.context.new_cdp_session(other.page)
    await browser.send("WebAuthn.enable")
    await browser.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    other.expect_refusals()
    await other.page.goto("/account/security")
    await other.page.get_by_role("button", name="Add a passkey").click()
    await other.page.get_by_role("dialog").get_by_label("Name").fill("Key ring")
    await other.page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    question = other.page.get_by_role("dialog").filter(has_text="Show your second factor")
    await question.get_by_role("textbox", name="Code").fill(recovery)
    await question.get_by_role("button", name="Go on").click()
    await expect(other.page.get_by_role("button", name="Remove the passkey Key ring")).to_be_visible()
    await expect(other.page.get_by_text("9 left")).to_be_visible()

    await other.page.goto("/account")
    await other.page.get_by_label("Name").fill("Ada Lovelace")
    await page.reload()
    sessions = page.get_by_role("list", name="Sessions").get_by_role("listitem")
    await expect(sessions).to_have_count(2)
    await sessions.filter(has_not_text="This one").get_by_role("button", name=re.compile("End the session")).click()
    await expect(sessions).to_have_count(1)
    await signed_in_again(other)

    visitor.expect_refusals()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_label("E-mail address").fill(visitor.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Code of your authenticator app").fill(app.at(max(now + TOTP_STEP_S, time.time())))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
