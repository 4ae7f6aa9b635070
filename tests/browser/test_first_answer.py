"""Somebody who has never seen it: from the sign-up page to a paid answer, with the snippets that the page shows."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.visitor import PASSWORD, Visitor
from tests.support.processes import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]

CLAUDE = ROOT / ".cache/interop/node_modules/.bin/claude"  # where `make interop` installs it
PATIENCE_S = 90


async def paste(snippet: str, home: Path, **variables: str) -> str:
    """Run what the page says in a shell, as it stands there; answers what that wrote."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        snippet,
        cwd=home,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE_S):
        written, _ = await process.communicate()
    assert process.returncode == 0, written.decode()
    return written.decode()


def in_terminal(page: Page, program: str) -> Locator:
    """The snippet of a program that goes into a terminal."""
    return page.get_by_role("region", name=f"{program}: In a terminal")


async def begin(visitor: Visitor) -> Page:
    """Sign up, and make the first key, as the page that follows says."""
    page = visitor.page
    await page.goto("/sign-up")
    await page.get_by_label("E-mail address").fill(visitor.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Make account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Get started")
    await asyncio.to_thread(visitor.product.welcome, visitor.email)
    await page.get_by_role("button", name="Create key").dblclick()
    await expect(page.get_by_label("The key")).to_contain_text("fb-live-")
    return page


async def test_somebody_new_gets_from_the_sign_up_page_to_a_paid_answer_with_curl(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = await begin(visitor)
    await expect(page.get_by_text("Waiting for your request")).to_be_visible()
    answer = await paste(await in_terminal(page, "curl").inner_text(), tmp_path)
    assert "You said: Say hello." in answer

    told = page.get_by_role("listitem").filter(has_text="Your first answer")
    await expect(told.get_by_role("status").first).to_contain_text(re.compile(r"echo answered.*You paid \$0\.0000\d+"))
    await expect(told).to_contain_text("it agrees")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await told.get_by_role("link", name="See the whole receipt").click()
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Get started")
    await visitor.settle()
    assert [url for url in asked if "limit=1" in url] == [], "once there is an answer, nobody looks any more"
    await page.goto("/keys")
    await expect(page.get_by_role("link", name="My first key")).to_have_count(1)  # a double click makes one


async def test_claude_code_answers_with_what_the_page_says(visitor: Visitor, tmp_path: Path) -> None:
    claude = shutil.which("claude") or (str(CLAUDE) if CLAUDE.exists() else None)
    if claude is None:
        pytest.skip("Claude Code is not installed: make interop installs it, and runs this")
    page = await begin(visitor)
    await page.get_by_role("tab", name="Claude Code").click()
    snippet = await in_terminal(page, "Claude Code").inner_text()
    path = f"{Path(claude).parent}:{os.environ['PATH']}"
    quiet = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    assert "hello" in (await paste(snippet, tmp_path, PATH=path, **quiet)).lower()
    await expect(page.get_by_role("listitem").filter(has_text="Your first answer")).to_contain_text("it agrees")
