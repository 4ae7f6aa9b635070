"""Signing up past a captcha, and signing in with a provider: each with what goes wrong on the way."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.product import Product, running_here
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.stand_ins.sign_in_provider import CLIENT_ID, CLIENT_SECRET, ProviderStandIn

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]

SCRIPTS = re.compile(r"^https://challenges\.cloudflare\.com/")
# As Turnstile's: one global with `render`, which calls back by name once it has loaded.
WIDGET = """
window.turnstile = {
  render(place, options) {
    const box = document.createElement("button");
    box.type = "button";
    box.textContent = "I am a person";
    const [width, height] = {normal: [300, 65], compact: [150, 140]}[options.size];
    box.style.cssText = `width: ${width}px; height: ${height}px; flex: none; display: block`;
    box.onclick = () => options.callback(`${options.sitekey}-${++window.answered}`);
    place.append(box);
    return box;
  },
  remove(box) { box.remove(); },
};
window.answered = 0;
window[new URL(document.currentScript.src).searchParams.get("onload")]();
"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def provider() -> AsyncIterator[ProviderStandIn]:
    async with ProviderStandIn() as stand_in:
        yield stand_in


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def site_verify() -> AsyncIterator[str]:
    """A captcha's service that finds the first answer of a page wrong, and the second right."""

    async def verify(request: web.Request) -> web.Response:
        return web.json_response({"success": str((await request.post())["response"]) == "a-site-key-2"})

    app = web.Application()
    app.router.add_post("/siteverify", verify)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/siteverify"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def guarded(
    dashboard: None, provider: ProviderStandIn, site_verify: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    """A product with a captcha and a provider to sign in with."""
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    folder: Path = tmp_path_factory.mktemp("guarded")
    with running_here(
        folder,
        FAREBOX_CAPTCHA="turnstile",
        FAREBOX_CAPTCHA_SITE_KEY="a-site-key",
        CAPTCHA_SECRET_KEY="a captcha's secret",
        FAREBOX_CAPTCHA_URL=site_verify,
        FAREBOX_SIGN_IN_PROVIDERS=json.dumps([{"id": "acme", "name": "Acme", "issuer": provider.url, **client}]),
    ) as product:
        yield product


@pytest_asyncio.fixture(loop_scope="session")
async def guest(chromium: Browser, guarded: Product) -> AsyncIterator[Visitor]:
    guest = await Visitor.arrive(chromium, guarded)
    yield guest
    await guest.leave()
    assert guest.complaints == [], "the browser's console stays silent"


async def test_signing_up_shows_the_captcha_and_sends_each_of_its_answers_once(guest: Visitor) -> None:
    page = guest.page
    guest.expect_refusals()
    is_reachable = False

    async def serve(route: Route) -> None:
        await (route.fulfill(body=WIDGET, content_type="text/javascript") if is_reachable else route.abort())

    await page.route(SCRIPTS, serve)
    await page.goto("/sign-up")
    check = page.get_by_role("group", name="Check that you are a person")
    await expect(check).to_contain_text("did not load")
    guest.complaints.clear()  # of the script that did not come
    is_reachable = True
    await check.get_by_role("button", name="Try again").click()
    person = check.get_by_role("button", name="I am a person")
    await expect(person).to_be_visible()

    await page.get_by_label("E-mail address").fill(guest.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    make = page.get_by_role("button", name="Make account")
    await make.click()
    await expect(check).to_contain_text("Show that you are a person first")
    await person.click()
    await make.click()
    await expect(page.get_by_role("alert")).to_contain_text("The check that you are a person failed")
    await make.click()
    await expect(check).to_contain_text("Show that you are a person first")
    await person.click()
    await make.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Get started")

    await page.goto("/sign-up?invitation=code")
    await page.get_by_role("heading", level=1).wait_for()


async def test_the_captcha_leaves_the_narrowest_page_as_wide_as_its_window(guest: Visitor) -> None:
    page = guest.page

    async def serve(route: Route) -> None:
        await route.fulfill(body=WIDGET, content_type="text/javascript")

    await page.route(SCRIPTS, serve)
    for width, size in ((320, 150), (390, 300)):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto("/sign-up")
        widget = page.get_by_role("button", name="I am a person")
        await expect(widget).to_be_visible()
        assert await widget.evaluate("it => it.offsetWidth") == size
        assert await page.evaluate("document.documentElement.scrollWidth") == width


async def told(page: Page, title: str, problem: str) -> None:
    """The page that a provider sends back to says what went wrong, and leads back."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.get_by_role("alert")).to_contain_text(problem)
    assert re.search(r"/sign-in/callback$", page.url), "what came back is nowhere in the address"
    await page.get_by_role("link", name="Back to signing in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_signing_in_with_a_provider_and_what_may_go_wrong(guest: Visitor, provider: ProviderStandIn) -> None:
    page = guest.page
    guest.expect_refusals()
    provider.someone.email = guest.email
    failed = "You are not signed in"

    async def come_back() -> None:
        await page.get_by_role("button", name="Continue with Acme").click()

    provider.declines = True
    await page.goto("/sign-in?return=/keys")
    await come_back()
    await told(page, failed, "declined")
    provider.declines = False

    await page.goto("/sign-in/callback?code=injected&state=made-up")
    await told(page, failed, "did not begin in this tab")

    provider.someone.email_verified = False
    await come_back()
    await told(page, failed, "does not vouch for an address of yours")
    provider.someone.email_verified = True

    provider.claims = {"nonce": "of another sign-in"}
    await come_back()
    await told(page, failed, "was not completed")
    provider.claims = {}

    await page.goto("/sign-in?return=/account/security")
    await come_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    linked = page.get_by_role("list", name="Linked accounts")
    await expect(linked).to_contain_text("Acme")
    await expect(linked).to_contain_text(guest.email)
    await expect(page.get_by_role("button", name="Have a link mailed to choose one")).to_be_visible()
    await page.get_by_role("button", name="Unlink Acme").click()
    await expect(page.get_by_role("dialog")).to_contain_text("you have no password")
    await page.get_by_role("button", name="Cancel").click()
    await page.goto("/account")
    await page.get_by_role("button", name="Change address").click()
    await page.get_by_role("dialog").get_by_role("link", name="Choose one first").click()
    await expect(page).to_have_url(re.compile("/account/security$"))
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    taken = {"email": f"taken-{guest.email}", "password": PASSWORD, "captcha": "a-site-key-2"}
    assert (await page.request.post("/api/auth/register", data=taken)).ok
    provider.someone.subject, provider.someone.email = "1002", taken["email"]
    await come_back()
    await told(page, failed, "has not confirmed it")
