"""What a chat is expected to do beyond answering: files, code, formulas, other answers, and leaving with it all."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.visitor import Visitor
from tests.support.processes import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]

CUT_TEXT = (ROOT / "tests/browser/cut_text.js").read_text()
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
RICH = (
    "So \\(x^2\\) is:\n\n$$y = \\mathbb{R}$$\n\n```python\ndef square(x):\n    return x * x\n```\n\nIt costs $5 or $10."
)

FONTS_OF_FORMULAS = """
[...new Set([...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family))]
  .filter((family) => family.startsWith("KaTeX")).sort()
"""
LONG_MODEL = "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8"


async def test_a_chat_reads_files_colours_code_draws_formulas_keeps_answers_and_can_be_taken_along(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    await visitor.come_back("/chat")
    picture, notes, paper = tmp_path / "pixel.png", tmp_path / "notes.md", tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 <</Type /Page>>")
    picture.write_bytes(PIXEL)
    notes.write_text("Farebox takes the money first.")
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Attach pictures, PDFs or texts").click()
    await (await choosing.value).set_files([picture, notes, paper])
    attached = page.get_by_role("list", name="Attached")
    await expect(attached.get_by_role("listitem")).to_have_count(3)
    await page.get_by_role("textbox", name="Message").fill(RICH)
    await expect(page.get_by_role("alert")).to_contain_text("echo reads no PDF")
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()
    await attached.get_by_role("button", name="Remove paper.pdf").click()
    await expect(page.get_by_text(re.compile(r"About 263 tokens to read, \$0\.0000\d+"))).to_be_visible()

    await page.get_by_role("textbox", name="Message").press("Enter")
    answer = page.get_by_role("article", name="Answer")
    await expect(answer).to_have_attribute("aria-busy", "false")
    await expect(attached.first).to_contain_text("notes.md")  # beside the question now
    await expect(answer.locator("math")).to_have_count(2)  # for screen readers, beside what is seen
    await expect(answer.locator(".katex-display .katex-html")).to_contain_text("y=R")
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate(FONTS_OF_FORMULAS) == ["KaTeX_AMS", "KaTeX_Main", "KaTeX_Math"]
    await expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    await expect(answer).to_contain_text("$5 or $10")

    await page.get_by_role("button", name="Ask for another answer").click()
    await expect(answer).to_contain_text("2 of 2")
    await expect(answer).to_have_attribute("aria-busy", "false")
    await page.get_by_role("button", name="Earlier answer").click()
    await expect(answer).to_contain_text("1 of 2")

    await page.get_by_role("button", name=re.compile("^More about")).click()
    async with page.expect_download() as download:
        await page.get_by_role("menuitem", name="Save as a file").click()
    saved = await (await download.value).path()
    before = page.url
    await page.get_by_label("A saved conversation").set_input_files(saved)
    await expect(page).not_to_have_url(before)
    await expect(answer.locator(".katex-display")).to_be_visible()

    await page.keyboard.press("Alt+N")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New chat")
    for slash in ({"key": "/"}, {"key": "/", "code": "Digit7", "shiftKey": True}):  # the latter on a German keyboard
        await page.get_by_role("heading", level=1).click()
        await expect(page.get_by_role("textbox", name="Message")).not_to_be_focused()
        await page.evaluate(
            "keys => document.body.dispatchEvent(new KeyboardEvent('keydown', keys))", {"bubbles": True, **slash}
        )
        await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def test_two_models_answer_side_by_side_and_the_chat_goes_on_with_one(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page

    async def twice(route: Route) -> None:
        answer = await route.fetch()
        told = await answer.json()
        [served] = [model for model in told["data"] if model["id"] == "echo"]
        echo = {**served, "pricing": {**served["pricing"], "input_usd_per_1m": "0.10"}}
        blind = {**echo["architecture"], "input_modalities": ["text"]}
        both = [echo, {**echo, "id": LONG_MODEL, "architecture": blind}]
        await route.fulfill(response=answer, json={**told, "data": both})

    asked: dict[str, list[str]] = {}  # what each model was told last

    async def as_echo(route: Route) -> None:
        body: dict[str, Any] = route.request.post_data_json or {}
        asked[body["model"]] = [each["content"] for each in body["messages"]]
        own = [{**each, "content": f"{each['content']} ({body['model']})"} for each in body["messages"]]
        await route.continue_(post_data={**body, "model": "echo", "messages": own})

    await page.route("**/api/models", twice)
    await page.route("**/v1/chat/completions", as_echo)
    await visitor.come_back("/chat")
    await page.get_by_role("button", name="Ask a second model beside it").click()
    await expect(page.get_by_role("button", name=f"Model: {LONG_MODEL}")).to_be_visible()
    for width in (390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        await visitor.settle()
        assert await page.evaluate(CUT_TEXT) == []
    note = tmp_path / "note.md"
    note.write_text("x" * 40_000)
    await page.locator("input[type=file][accept^='image']").set_input_files(note)
    await expect(page.get_by_text("About 10,000 tokens to read, $0.002 with each question.")).to_be_visible()  # twice
    await page.get_by_role("button", name="Remove note.md").click()
    (tmp_path / "pixel.png").write_bytes(PIXEL)
    await page.locator("input[type=file][accept^='image']").set_input_files(tmp_path / "pixel.png")
    await expect(page.get_by_text(re.compile("(echo|FP8) is not known to see pictures"))).to_be_visible()
    await page.get_by_role("button", name="Remove pixel.png").click()
    await page.get_by_role("textbox", name="Message").fill("Hello, both")
    await page.keyboard.press("Enter")
    answers = page.get_by_role("article", name="Answer")
    await expect(answers).to_have_count(2)
    for index in range(2):
        await expect(answers.nth(index)).to_have_attribute("aria-busy", "false")
        await expect(answers.nth(index)).to_contain_text("You said: Hello, both")
    await expect(page.get_by_role("region", name="Messages")).to_contain_text(LONG_MODEL)
    await expect(page.get_by_text("Each model goes on with its own answers.")).to_be_visible()
    for model in ("echo", LONG_MODEL):
        assert asked[model] == ["Hello, both"]
    await page.get_by_role("textbox", name="Message").fill("And?")
    await page.keyboard.press("Enter")
    await expect(answers).to_have_count(4)
    for index in range(4):
        await expect(answers.nth(index)).to_have_attribute("aria-busy", "false")
    for model in ("echo", LONG_MODEL):
        question, answer, again = asked[model]
        assert (question, again) == ("Hello, both", "And?")
        assert answer.startswith(f"You said: Hello, both ({model})"), "its own answer"
    await page.get_by_role("button", name="Go on with this", exact=True).last.click()
    await expect(page.get_by_role("button", name="The chat goes on with this")).to_have_count(1)
    await expect(page.get_by_text("Each model goes on with its own answers.")).to_have_count(0)
    await page.get_by_role("button", name="Ask one model").click()
    await page.get_by_role("textbox", name="Message").fill("And now one")
    await page.keyboard.press("Enter")
    await expect(answers).to_have_count(5)
