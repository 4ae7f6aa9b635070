"""What somebody looks for: a model by what it reads, can and costs, and anything at all by the command palette."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.product import ADMIN, Product
from tests.browser.tour import LONG_ADDRESS, LONG_NAME
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240, func_only=True)]

SEES, TOOLS = ["text", "image"], ["tools"]
OFFERED = [
    ("alpha-first", "5.00", "60", ["text"], None),
    ("claude-haiku-4-5", "1.00", "5", SEES, TOOLS),
    ("claude-sonnet-4-6", "1.00", "15", SEES, [*TOOLS, "reasoning"]),
    ("claude-sonnet-4-10", "1.00", "15", SEES, [*TOOLS, "reasoning"]),
    ("gpt-9", "3.00", "10", [*SEES, "audio"], [*TOOLS, "structured_outputs"]),
    ("old-words", "1.00", "2", ["text"], []),
]


async def offer(page: Page) -> None:
    """Have the page told of models by several makers, that nobody has asked yet."""

    async def models(route: Route) -> None:
        answer = await (await route.fetch()).json()
        like = answer["data"][0]
        data = []
        for name, read, output, reads, parameters in OFFERED:
            model = {**like, "id": name, "context_tokens": 200_000, "max_output_tokens": 8_000}
            model["pricing"] = {**like["pricing"], "input_usd_per_1m": read, "output_usd_per_1m": output}
            model["architecture"] = {**like["architecture"], "input_modalities": reads}
            told = {} if parameters is None else {"supported_parameters": parameters}
            data.append({**{key: each for key, each in model.items() if key != "supported_parameters"}, **told})
        await route.fulfill(json={**answer, "data": data})

    async def measures(route: Route) -> None:
        await route.fulfill(json={**await (await route.fetch()).json(), "data": []})

    await page.route(re.compile(r"/api/models([?]|$)"), models)
    await page.route("**/api/models/measures", measures)


async def test_models_are_narrowed_by_what_they_read_can_and_are_made_by_and_the_address_keeps_it(
    visitor: Visitor,
) -> None:
    page = visitor.page
    await offer(page)
    await visitor.come_back("/models")
    panel = page.get_by_role("heading", level=2)
    await expect(panel).to_have_text("6 models")
    reads, can = page.get_by_role("group", name="Reads"), page.get_by_role("group", name="Can")
    await expect(reads.get_by_role("button")).to_have_text(["Images", "Audio"])  # what tells these from each other
    await reads.get_by_role("button", name="Images").click()
    await can.get_by_role("button", name="Tools").click()
    await expect(panel).to_have_text("4 of 6 models")
    await expect(page.get_by_role("status").filter(has_text="1 model")).to_be_visible()  # which nobody has said much of
    await page.get_by_role("combobox", name="Made by").click()
    await page.get_by_role("option", name="Anthropic").click()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_text("3 of 6 models")
    await expect(page).to_have_url(re.compile(r"\?reads=image&can=tools&by=Anthropic$"))
    await page.reload()
    await expect(panel).to_have_text("3 of 6 models")
    await expect(reads.get_by_role("button", name="Images")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Clear filters").click()
    await expect(page).to_have_url(re.compile(r"/models$"))

    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(reads).to_have_count(0)
    await page.get_by_role("button", name="Filters", exact=True).click()
    drawer = page.get_by_role("dialog", name="Filters")
    await drawer.get_by_role("button", name="Reasoning").click()
    await drawer.get_by_role("combobox", name="Input price at most").click()
    await page.get_by_role("option", name="$1.00 per 1M").click()
    await drawer.get_by_role("button", name="Show 2").click()
    await expect(drawer).to_have_count(0)
    await expect(panel).to_have_text("2 of 6 models")
    await expect(page.get_by_role("button", name="Filters (2)")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(panel).to_have_text("6 models")

    await page.goto("/models?compare=claude-sonnet-4-10&compare=gpt-9")
    compared = page.get_by_role("table", name="Models side by side")
    await expect(compared.get_by_role("row", name="Can")).to_contain_text("Tools, Reasoning")
    second = await compared.get_by_role("columnheader", name="gpt-9").bounding_box()
    assert second is not None and second["x"] + second["width"] <= 390, "on a phone two stand beside each other"


async def test_who_has_chosen_no_model_begins_with_one_of_use_and_claude_code_with_the_newest_sonnet(
    visitor: Visitor,
) -> None:
    page = visitor.page
    await offer(page)
    await visitor.come_back("/start")
    chosen = page.get_by_role("combobox", name="Model")
    await expect(chosen).to_have_value("gpt-9")  # in the middle of those that call tools
    await expect(page.get_by_role("region", name="curl: In a terminal")).to_contain_text('"model": "gpt-9"')
    tab = page.get_by_role("tab", name="Claude Code")
    await tab.click()
    panel = await tab.get_attribute("aria-controls")
    await expect(page.locator(f'[role=tabpanel][id="{panel}"]')).to_be_visible()
    assert panel is not None and " " not in panel, "it would be two ids"
    snippet = page.get_by_role("region", name="Claude Code: In a terminal")
    await expect(snippet).to_contain_text("claude --model claude-sonnet-4-10")
    await expect(snippet).to_contain_text("ANTHROPIC_DEFAULT_HAIKU_MODEL=claude-haiku-4-5")
    await chosen.click()
    await page.get_by_role("option", name="old-words").click()
    await expect(snippet).to_contain_text("claude --model old-words")
    await page.goto("/chat")
    await expect(page.get_by_role("button", name="Model: gpt-9")).to_be_visible()


async def test_the_palette_finds_models_keys_users_and_requests_and_asks_nothing_before_one_types(
    visitor: Visitor, furnished: Product
) -> None:
    page = visitor.page
    visitor.expect_refusals()  # of what might have been a request's id
    await visitor.come_back("/account", email=ADMIN)
    await visitor.settle()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    heading = page.get_by_role("heading", level=1)
    field = page.get_by_role("textbox", name="Search pages, things and actions")

    async def search(text: str) -> None:
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("dialog", name="Search", exact=True)).to_be_visible()
        await expect(field).to_be_focused()
        await page.keyboard.type(text)

    async def chosen(label: str) -> None:
        await expect(page.locator("[data-action][data-selected]")).to_contain_text(label)

    await search("e")
    await expect(page.get_by_role("button", name="Overview")).to_be_visible()
    things = ("/api/models", "/api/keys", "/api/admin/users", "/api/usage")
    assert [url for url in asked if any(thing in url for thing in things)] == []
    await page.keyboard.type("cho-emb")
    await chosen("echo-embedding")
    await page.keyboard.press("Enter")
    await expect(heading).to_have_text("echo-embedding")

    await search(LONG_NAME[:12].lower())
    await chosen(LONG_NAME)
    await page.keyboard.press("Enter")
    await expect(heading).to_have_text(LONG_NAME)

    await search("countess")
    await chosen(LONG_ADDRESS)
    assert sum("/api/admin/users?" in url for url in asked) < len("countess"), "not with each letter"
    await page.keyboard.press("Enter")
    await expect(heading).to_have_text(LONG_ADDRESS)
    user = page.url.rsplit("/", 1)[-1]
    await search(user)
    await chosen(LONG_ADDRESS)
    await page.keyboard.press("Escape")

    await search("tour-request")
    await chosen("Request tour-request")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/usage/requests/tour-request$"))
    await search("of-nobody-at-all")
    await expect(page.get_by_text("Nothing of that name")).to_be_visible()


async def test_who_is_no_operator_finds_their_own_keys_and_asks_for_no_users(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.come_back("/account")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/keys/new")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Greenhouse")
    await dialog.get_by_role("button", name="Create key").click()
    await dialog.get_by_role("button", name="I have copied it").click()
    await page.goto("/account")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("greenh")
    await expect(page.locator("[data-action][data-selected]")).to_contain_text("Greenhouse")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Greenhouse")
    assert [url for url in asked if "/api/admin" in url] == []
