"""A conversation of ten turns in Claude Code itself is cached from its second turn on, and charged what the vendor
bills: with Anthropic's own marks, passed on, and by the prefixes of what is translated into chats."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.farebox.storage import Store
from functions.farebox.storage.connect import open_engine
from tests.interop.page import NODE
from tests.support.money.customers import Customer, open_customer
from tests.support.money.wallet_books import books_of
from tests.support.patience import PATIENCE_S
from tests.support.product.server_process import running_product
from tests.support.stand_ins import anthropic, caching_chat
from tests.support.stand_ins.anthropic import AnthropicApi
from tests.support.stand_ins.caching_chat import CachingChat
from tests.support.stand_ins.upstream import StandIn

pytestmark = pytest.mark.timeout(1800)

TURNS = 10
CLAUDE, CHAT = "claude-sonnet-4-5", "gpt-4.1"  # by which each vendor's model is asked for
QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"}


@dataclass(frozen=True)
class Place:
    """Where Claude Code asks, who pays, and what both vendors say of it."""

    url: str
    store: Store
    customer: Customer
    vendor: AnthropicApi
    chats: CachingChat

    async def charges(self) -> list[int]:
        """What each request was charged, in nano-USD, the least first."""
        books = await books_of(self.store, self.customer.uid, within_s=PATIENCE_S)
        return sorted(record["charged"] for record in books.records)


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Place]:
    if not os.environ.get("FAREBOX_INTEROP"):
        pytest.skip("run by make interop")
    vendor, chats = AnthropicApi(), CachingChat()
    async with AsyncExitStack() as stack:
        messages = await stack.enter_async_context(StandIn())
        other = await stack.enter_async_context(StandIn())
        messages.default, other.default = vendor.answer, chats.answer
        auth = {"api_key": anthropic.KEY, "auth": {"header": "x-api-key"}}
        upstreams = [
            {**messages.entry("claude", **auth), "models": {CLAUDE: anthropic.MODEL}, "speaks": ["messages"]},
            other.entry("chats", CHAT),
        ]
        prices = {CLAUDE: anthropic.PRICE, CHAT: caching_chat.PRICE}
        product = running_product(tmp_path, sqlite_url, upstreams=upstreams, pricing=prices)
        server = await asyncio.to_thread(stack.enter_context, product)
        store = Store(open_engine(sqlite_url))
        stack.push_async_callback(store.close)
        yield Place(server.url, store, await open_customer(store, "100"), vendor, chats)


async def converse(place: Place, model: str, home: Path) -> None:
    """Ten turns of one conversation, each by a start of its own, as `--continue` does."""
    work = home / "work"
    work.mkdir(parents=True)
    (work / "notes.txt").write_text("What we know so far.\n" * 40)
    environment = {
        **QUIET,
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "ANTHROPIC_BASE_URL": place.url,
        "ANTHROPIC_AUTH_TOKEN": place.customer.key,
        "ANTHROPIC_MODEL": model,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": model,
    }
    for turn in range(TURNS):
        command = [str(NODE / "node_modules/.bin/claude"), "-p", f"And what of part {turn}?"]
        process = await asyncio.create_subprocess_exec(
            *command, *(["--continue"] if turn else []), cwd=work, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        told, _ = await process.communicate()
        assert process.returncode == 0, told.decode()


async def test_a_conversation_that_is_passed_on_is_cached_from_its_second_turn_and_charged_the_vendors_bill(
    place: Place, tmp_path: Path
) -> None:
    await converse(place, CLAUDE, tmp_path / "home")
    assert len(place.vendor.bill) == TURNS
    for used in place.vendor.bill[1:]:
        assert used.read > 10 * (used.uncached + used.write_5m + used.write_1h)
    assert await place.charges() == sorted(used.cost for used in place.vendor.bill)


async def test_a_conversation_that_is_translated_is_cached_from_its_second_turn_and_charged_the_vendors_bill(
    place: Place, tmp_path: Path
) -> None:
    await converse(place, CHAT, tmp_path / "home")
    assert len(place.chats.bill) == TURNS
    for usage in place.chats.usages[1:]:
        assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * usage["prompt_tokens"]
    assert await place.charges() == sorted(place.chats.bill)
