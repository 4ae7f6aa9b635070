"""A coding agent's session is cached by its vendor from the second turn on, and charged what the vendor bills: with
Anthropic's marks, passed on, and by the prefixes of what is translated."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins import anthropic, caching_chat
from tests.support.stand_ins.anthropic import AnthropicApi
from tests.support.stand_ins.caching_chat import CachingChat
from tests.support.stand_ins.upstream import StandIn

TURNS = 10
BETAS = "claude-code-20250219,context-management-2025-06-27,per-turn-control-2026-07-01,advanced-tool-use-2025-11-20"


class Agent:
    """Asks as Claude Code does: its billing line first, which is another in each conversation, marks on what stays and
    on what came last, a word of the system's in the conversation, a result for each call."""

    def __init__(self, model: str, conversation: str, *, ttl: str | None = None) -> None:
        mark = {"cache_control": {"type": "ephemeral", **({"ttl": ttl} if ttl else {})}}
        self._last = {"cache_control": {"type": "ephemeral"}}
        tools = [
            {"name": name, "description": f"Does {name}. " * 60, "input_schema": {"type": "object", "properties": {}}}
            for name in ("Bash", "Read", "Edit")
        ]
        self._frame = {
            "model": model,
            "max_tokens": 32_000,
            "system": [
                {"type": "text", "text": f"x-anthropic-billing-header: cc_version=2.1.0.{conversation};"},
                {"type": "text", "text": "You are an agent.", **mark},
                {"type": "text", "text": "Work towards the user's goals. " * 200, **mark},
            ],
            "tools": [*tools, {**tools[0], "name": "Later", "defer_loading": True}],
            "metadata": {"user_id": orjson.dumps({"device_id": "d" * 64, "session_id": conversation}).decode()},
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": "medium"},
            "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        }
        environment = {"role": "system", "content": "# Environment", "output_config": {"effort": "medium"}}
        self._said: list[dict[str, Any]] = [_user(f"<system-reminder> for {conversation}", "Fix the bug."), environment]

    def turns(self, vendor_said: Iterator[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
        """The bodies of the requests; `vendor_said` is what was answered to each."""
        for n in range(TURNS):
            *before, last = self._said
            said = last["content"]
            content = [{"type": "text", "text": said}] if isinstance(said, str) else said
            *blocks, final = content
            yield {
                **self._frame,
                "stream": n % 2 == 1,
                "messages": [*before, {**last, "content": [*blocks, {**final, **self._last}]}],
            }
            call = {"type": "tool_use", "id": f"toolu_{n}", "name": "Bash", "input": {"command": f"make test {n}"}}
            result = {"type": "tool_result", "tool_use_id": call["id"], "content": f"{n} failed. " * 30}
            self._said += [
                {"role": "assistant", "content": [*next(vendor_said), call]},
                {"role": "user", "content": [result]},
            ]


def _user(*texts: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


@pytest.fixture
def vendor() -> AnthropicApi:
    return AnthropicApi()


@pytest.fixture
def chats() -> CachingChat:
    return CachingChat()


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, vendor: AnthropicApi, chats: CachingChat
) -> AsyncIterator[Instance]:
    async with StandIn() as other:
        upstream.default, other.default = vendor.answer, chats.answer
        auth = {"api_key": anthropic.KEY, "auth": {"header": "x-api-key"}}
        upstreams = [
            {**upstream.entry("claude", **auth), "models": {"claude": anthropic.MODEL}, "speaks": ["messages"]},
            other.entry("chats", "chat"),
        ]
        async with running(
            sqlite_store,
            pricing={"claude": anthropic.PRICE, "chat": caching_chat.PRICE},
            FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode(),
        ) as instance:
            yield instance


async def work(instance: Instance, customer: Customer, agent: Agent, said: list[dict[str, Any]]) -> None:
    """A whole session; `said` is what the model says in each turn before it calls a tool."""
    headers = {"authorization": f"Bearer {customer.key}", "anthropic-beta": BETAS}
    for body in agent.turns(iter([said] * TURNS)):
        answer = await instance.client.post("/v1/messages?beta=true", headers=headers, json=body)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("ttl", [None, "1h"])
async def test_a_session_that_is_passed_on_is_cached_from_its_second_turn_and_charged_what_the_vendor_bills(
    sqlite_store: Store, instance: Instance, customer: Customer, vendor: AnthropicApi, ttl: str | None
) -> None:
    thought = {"type": "thinking", "thinking": vendor.thinks, "signature": anthropic._seal(vendor.thinks)}
    await work(instance, customer, Agent("claude", "a", ttl=ttl), [thought])
    assert len(vendor.bill) == TURNS
    for before, used in zip(vendor.bill, vendor.bill[1:], strict=False):
        assert used.read == before.read + before.write_5m + before.write_1h > 1_024
        assert used.uncached == 0
    books = await books_of(sqlite_store, customer.uid)
    assert sorted(record["charged"] for record in books.records) == sorted(used.cost for used in vendor.bill)
    assert (vendor.bill[0].write_1h > 1_024) == (ttl == "1h")


async def test_another_conversation_finds_what_does_not_depend_on_it(
    instance: Instance, customer: Customer, chats: CachingChat
) -> None:
    for conversation in ("a", "b"):
        await work(instance, customer, Agent("chat", conversation), [{"type": "text", "text": "I look."}])
    assert chats.usages[TURNS]["prompt_tokens_details"]["cached_tokens"] > 1_024


async def test_a_session_that_is_translated_is_cached_by_its_prefix_and_charged_what_the_vendor_bills(
    sqlite_store: Store, instance: Instance, customer: Customer, chats: CachingChat
) -> None:
    await work(instance, customer, Agent("chat", "a"), [{"type": "text", "text": "I look."}])
    assert len(chats.bill) == TURNS
    for before, prompt in zip(chats.prompts, chats.prompts[1:], strict=False):
        assert prompt.startswith(before)
    assert all(usage["prompt_tokens_details"]["cached_tokens"] > 1_024 for usage in chats.usages[1:])
    books = await books_of(sqlite_store, customer.uid)
    assert sorted(record["charged"] for record in books.records) == sorted(chats.bill)
