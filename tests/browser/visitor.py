"""A person at a browser: what they do on the way to what a test is about."""

import asyncio
import json
import shutil
from typing import Any, Self
from uuid import uuid4

from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.browser.product import Product

PASSWORD = "a long password"
# Chromium would look up servers of its maker, and cannot have a sandbox as root.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--no-turbofan",  # no page runs for so long that the last tenth of speed pays for its compiling
)
# A browser without a graphics card takes a tenth of a second to blur what lies behind a pane, each time that a caret
# blinks on it. What is to change may lie in layers and hold what is fixed in it just as if it had changed.
UNBLURRED = """
const panes = new CSSStyleSheet();
panes.replaceSync("header, .mantine-Overlay-root { backdrop-filter: none !important; will-change: backdrop-filter; }");
document.adoptedStyleSheets = [...document.adoptedStyleSheets, panes];
"""
PATIENCE_MS = 30_000  # a busy machine is no fault of the page's
# The first is Chromium without what nobody sees here, at two thirds of the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Evaluated as it is: waiting for a function to become true takes eval, which the page's policy forbids.
# A chart learns its width after the window's, and draws itself anew in a later frame. What moves for ever is not waited
# for: a hundred looks are enough for everything else.
ALL_RESTS = """
(async () => {
  await Promise.allSettled(
    document.getAnimations()
      .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
      .map((one) => one.finished)
  );
  const layout = () => [...document.querySelectorAll("main *")].map((element) => {
    const box = element.getBoundingClientRect();
    return `${Math.round(box.left)} ${Math.round(box.top)} ${Math.round(box.width)} ${Math.round(box.height)}`;
  }).join();
  const width = (element) => element.getBoundingClientRect().width;
  const drawn = () => [...document.querySelectorAll(".recharts-wrapper")].every((chart) =>
    Math.abs(width(chart) - width(chart.closest(".recharts-responsive-container"))) < 2);
  const frame = () => new Promise(requestAnimationFrame);
  let before = null;
  for (let look = 0; look < 100; look++) {
    const now = layout();
    if (now === before && drawn()) return;
    before = now;
    await frame();
    await frame();
  }
})()
"""

expect.set_options(timeout=PATIENCE_MS)


def chromium_options() -> dict[str, Any] | None:
    """How to launch the browser of this machine; `None` where it has none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return None if found is None else {"executable_path": found, "args": list(FLAGS)}


class Visitor:
    """Somebody at `page`. `complaints` are errors on the browser's console, refused policies among them."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page = page
        self.product = product
        self.email = f"{uuid4().hex[:12]}@example.com"
        self.complaints: list[str] = []
        self._may_be_refused = False
        self._asked: set[Request] = set()  # and not answered yet
        page.on("request", self._ask)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    async def arrive(cls, browser: Browser, product: Product, *, width: int = 1440, **preferences: Any) -> Self:
        """Somebody at an empty browser of so many pixels, with preferences of Playwright's `new_context`.

        They prefer that nothing moves: what fades away would be found beside what has taken its place.
        """
        context = await browser.new_context(
            base_url=product.url, viewport={"width": width, "height": 900}, reduced_motion="reduce", **preferences
        )
        await context.add_init_script(UNBLURRED)
        return cls(await context.new_page(), product)

    async def sign_up(self, email: str | None = None) -> None:
        """Make an account through the page, and arrive at the overview."""
        self.email = email or self.email
        await self.page.goto("/sign-up")
        await self.page.get_by_label("E-mail address").fill(self.email)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Make account").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Get started")
        if await asyncio.to_thread(self.product.welcome, self.email):
            await self.page.reload()
        await self.go("Overview")

    async def sign_in(self, email: str) -> None:
        """Sign in through the page."""
        await self.page.goto("/sign-in")
        await self.page.get_by_label("E-mail address").fill(email)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Overview")

    async def join(self) -> dict[str, Any]:
        """Have an account without having seen a page; answers its session."""
        session = await self._session("register", self.email)
        await asyncio.to_thread(self.product.welcome, self.email)
        return session

    async def come_back(self, to: str = "/", *, email: str | None = None) -> None:
        """Open a page as somebody who has signed in with this browser before: with a new account, unless it is said
        whose. The pages that lead there take a browser as long as most of what a test is about."""
        session = await (self.join() if email is None else self._session("login", email))
        kept = json.dumps({"user": session["user"]["id"], "refreshToken": session["refresh_token"]})
        await self.page.context.set_storage_state(
            {
                "cookies": [],
                "origins": [{"origin": self.product.url, "localStorage": [{"name": "farebox.session", "value": kept}]}],
            }
        )
        await self.page.goto(to)

    async def _session(self, call: str, email: str) -> dict[str, Any]:
        answer = await self.page.request.post(f"/api/auth/{call}", data={"email": email, "password": PASSWORD})
        assert answer.ok, await answer.text()
        session: dict[str, Any] = await answer.json()
        return session

    async def chat(self, text: str) -> None:
        """Ask something on the chat page, and wait for the whole answer."""
        await self.page.goto("/chat")
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.get_by_role("button", name="Send").click()
        answer = self.page.get_by_role("article", name="Answer").last
        await expect(answer).to_have_attribute("aria-busy", "false")

    async def leave(self) -> None:
        """Close the browser."""
        await self.page.context.close()

    async def settle(self) -> None:
        """Wait until the page has loaded its data, and nothing on it moves."""
        await self.page.wait_for_load_state("networkidle")  # of the document: what a page asks for later is in `_asked`
        is_new = True
        while is_new or self._asked:
            while self._asked:
                await asyncio.sleep(0.02)
            await expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
            await self.page.evaluate(ALL_RESTS)
            is_new = False

    async def go(self, place: str) -> None:
        """Follow the navigation to a page, and wait for its heading."""
        await self.page.get_by_role("navigation").get_by_role("link", name=place, exact=True).click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(place)

    def expect_refusals(self) -> None:
        """From now on a request that is refused is no complaint: the browser writes each on its console."""
        self._may_be_refused = True

    def _ask(self, request: Request) -> None:
        self._asked.add(request)

    def _end(self, request: Request) -> None:
        self._asked.discard(request)

    def _listen(self, message: ConsoleMessage) -> None:
        is_refusal = message.text.startswith("Failed to load resource") and " of 4" in message.text
        if message.type == "error" and not (is_refusal and self._may_be_refused):
            self.complaints.append(f"{message.text} ({message.location['url']})")
