"""The configurations in the documentation: each is one that Farebox takes, and serves."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.farebox.gateway.policy.strategies import Strategies, parse_strategies
from functions.farebox.gateway.upstream import Routes, parse_upstreams
from functions.farebox.pricing.price import Price
from functions.farebox.pricing.seed import read_builtin
from functions.farebox.storage import Store
from tests.support.money.customers import open_customer
from tests.support.product.in_process import running
from tests.support.product.runtime import BUILTIN_PRICES
from tests.support.stand_ins.metadata_server import MetadataServer
from tests.support.stand_ins.upstream import StandIn, status

FOLDER = Path(__file__).parents[2] / "docs" / "upstreams"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "README")
_BLOCK = re.compile(r"^`(FAREBOX_[A-Z]+)`:\n\n```json\n(.*?)\n```", re.MULTILINE | re.DOTALL)


def recipe(page: str) -> dict[str, Any]:
    """The variables that a page sets."""
    text = (FOLDER / f"{page}.md").read_text()
    return {name: json.loads(block) for name, block in _BLOCK.findall(text)}


def test_every_recipe_has_its_page_and_the_overview_names_it() -> None:
    assert PAGES == [
        "anthropic",
        "azure",
        "bedrock",
        "cloudflare",
        "deepseek",
        "gemini",
        "groq",
        "litellm",
        "mistral",
        "ollama-vllm",
        "openai",
        "openrouter",
        "together",
        "vertex",
        "xai",
    ]
    overview = (FOLDER / "README.md").read_text()
    assert all(f"({page}.md)" in overview for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_recipe_is_valid_and_every_model_of_it_has_a_price(page: str) -> None:
    variables = recipe(page)
    upstreams = parse_upstreams(variables["FAREBOX_UPSTREAMS"])
    prices = variables.get("FAREBOX_PRICING") or read_builtin()
    routes = Routes(upstreams)
    charged_by = {price for names in (*routes.values(), *routes.patterns.values()) for price in names}
    assert charged_by <= prices.keys()
    for name in charged_by:
        Price.from_config(name, prices[name])
    assert isinstance(parse_strategies(variables.get("FAREBOX_ROUTING", {})), Strategies)


@pytest.mark.parametrize("page", PAGES)
async def test_a_recipe_serves_every_model_by_its_upstreams_name_for_it(
    sqlite_store: Store, page: str, metadata: MetadataServer
) -> None:
    """With stand-ins in the servers' places: the first of them fails, and who comes after it answers."""
    variables = recipe(page)
    entries = variables.pop("FAREBOX_UPSTREAMS")
    async with StandIn() as server:
        moved = [{**entry, "base_url": f"{server.base_url}/{entry['id']}"} for entry in entries]
        settings: dict[str, Any] = {
            name: json.dumps(value) for name, value in {**variables, "FAREBOX_UPSTREAMS": moved}.items()
        }
        async with running(sqlite_store, **{"FAREBOX_PRICING": BUILTIN_PRICES, **settings}) as instance:
            customer = await open_customer(sqlite_store, "1")
            for model in sorted(Routes(parse_upstreams(entries))):
                names = {entry["models"][model] for entry in entries if model in entry["models"]}
                holders = [entry for entry in entries if model in entry["models"]]
                if len(holders) > 1:
                    server.script(status(503))
                path = "embeddings" if "embedding" in model else "chat/completions"
                given: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}], "input": "Hello"}
                body = {"model": model, **given}
                answer = await instance.client.post(f"/v1/{path}", headers=customer.bearer, json=body)
                assert answer.status_code == 200, answer.text
                assert server.last.json["model"] in names
