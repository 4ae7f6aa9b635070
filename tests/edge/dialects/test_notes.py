"""What a model writes for itself comes back to it with the results of its tools, by way of what clients of other
dialects keep, and reaches nobody else."""

from typing import Any

import orjson
import pytest

from functions.farebox.dialects.messages.request import chat_of, without_notes
from functions.farebox.dialects.notes import Notes, is_sealed, noted_id, read_id, restored
from functions.farebox.storage import Store
from tests.support.clients.vendor_sdks import anthropic_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.anthropic import KEY, MODEL, PRICE, AnthropicApi
from tests.support.stand_ins.noting_chat import DEEPSEEK, SAID, STEPS, WAYS, NotingChat, Way
from tests.support.stand_ins.upstream import StandIn

TOOL: dict[str, Any] = {"name": "weather", "input_schema": {"type": "object", "properties": {}}}
HELLO: dict[str, Any] = {"model": "test-model", "max_tokens": 4096, "tools": [TOOL]}
QUESTION: dict[str, Any] = {"role": "user", "content": "Hello"}
THINKING: list[dict[str, Any]] = [
    {},
    {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    {"thinking": {"type": "adaptive", "display": "omitted"}},
]


async def turn_of(instance: Instance, customer: Customer, *, streamed: bool, **asked: Any) -> dict[str, Any]:
    """One answer, as Anthropic's own client reads it."""
    messages = anthropic_of(instance, customer).messages
    if not streamed:
        told = await messages.create(**{**HELLO, **asked})
    else:
        async with messages.stream(**{**HELLO, **asked}) as events:
            told = await events.get_final_message()
    return dict(told.to_dict())


async def loop(instance: Instance, customer: Customer, *, streamed: bool, **asked: Any) -> list[dict[str, Any]]:
    """A loop of tools to its end; answers all messages."""
    messages = [QUESTION]
    for _ in range(STEPS + 1):
        told = await turn_of(instance, customer, streamed=streamed, messages=messages, **asked)
        messages.append({"role": "assistant", "content": told["content"]})
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": "rain"}
            for block in told["content"]
            if block["type"] == "tool_use"
        ]
        if not results:
            break
        messages.append({"role": "user", "content": results})
    return messages


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fields", THINKING, ids=["unasked", "shown", "hidden"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_a_loop_of_tools_goes_on_where_the_model_wants_its_notes_back(
    instance: Instance, customer: Customer, upstream: StandIn, way: Way, fields: dict[str, Any], streamed: bool
) -> None:
    vendor = NotingChat(way)
    upstream.default = vendor.answer
    messages = await loop(instance, customer, streamed=streamed, **fields)
    assert messages[-1]["content"][-1]["text"] == SAID
    assert len(vendor.bodies) == STEPS + 1
    thoughts = [block["thinking"] for block in messages[1]["content"] if block["type"] == "thinking"]
    is_shown = way.whole and fields.get("thinking", {}).get("type") == "enabled"
    assert thoughts == (["Let me see."] if is_shown else [])
    if not fields:
        assert [block["type"] for block in messages[-1]["content"]] == ["text"], "nothing is hidden without need"


async def test_what_is_noted_does_not_reach_who_speaks_the_dialect_itself(
    sqlite_store: Store, customer: Customer, upstream: StandIn
) -> None:
    vendor, other = AnthropicApi(), NotingChat(DEEPSEEK)
    async with StandIn() as claude:
        claude.default, upstream.default = vendor.answer, other.answer
        auth = {"api_key": KEY, "auth": {"header": "x-api-key"}}
        upstreams = [
            {**claude.entry("claude", **auth), "models": {"claude": MODEL}, "speaks": ["messages"]},
            upstream.entry("other"),
        ]
        async with running(
            sqlite_store,
            pricing={"claude": PRICE, "test-model": PRICE},
            FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode(),
            FAREBOX_SEED="force",
        ) as instance:
            thinking = {"thinking": {"type": "adaptive"}}
            told = await turn_of(instance, customer, streamed=False, messages=[QUESTION], **thinking)
            [thought, call] = told["content"]
            assert is_sealed(thought["signature"])
            result = {"type": "tool_result", "tool_use_id": call["id"], "content": "rain"}
            said = [QUESTION, {"role": "assistant", "content": told["content"]}, {"role": "user", "content": [result]}]
            await turn_of(instance, customer, streamed=False, model="claude", messages=said, **thinking)
    assert vendor.bodies[-1]["messages"][1]["content"] == [call]


def test_a_message_of_nothing_but_notes_is_none_to_others() -> None:
    notes = Notes()
    notes.take({"reasoning_content": "Hm."})
    thought = {"type": "thinking", "thinking": "Hm.", "signature": notes.sealed("Hm.")}
    call = {"type": "tool_use", "id": noted_id("t1", {"thought_signature": "s"}), "name": "weather", "input": {}}
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "rain"}
    messages = [
        QUESTION,
        {"role": "assistant", "content": [thought]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    asked = {**HELLO, "messages": messages}
    own = without_notes(asked)["messages"]
    assert own == [
        QUESTION,
        {"role": "assistant", "content": [{**call, "id": "t1"}]},
        {"role": "user", "content": [{**result, "tool_use_id": "t1"}]},
    ]
    chat = chat_of(asked)["messages"]
    assert chat[1] == {"role": "assistant", "content": None, "reasoning_content": "Hm."}
    assert chat[2]["tool_calls"][0]["thought_signature"] == "s"
    assert chat[3]["tool_call_id"] == "t1"


def test_what_a_client_makes_up_is_taken_for_nothing() -> None:
    assert restored([("farebox1.", ""), ("farebox1.!!", "a"), ("farebox1.bnVsbA", "a"), ("farebox1.W10", "a")]) == {}
    notes = Notes()
    notes.take({"reasoning_content": 5, "reasoning": "", "reasoning_details": "x", "role": "system"})
    assert not notes
    forged = noted_id("t1", {"function": {"name": "other"}, "extra_content": {"google": {}}})
    assert read_id(forged) == ("t1", {"extra_content": {"google": {}}})
    assert read_id("t1__farebox1__!") == ("t1", {})
    assert read_id("t1") == ("t1", {})


def test_an_id_with_notes_has_the_characters_that_ids_may_have() -> None:
    id = noted_id("toolu_1", {"thought_signature": "+/=" * 9 + "ÿ"})
    assert id.isascii()
    assert id.replace("_", "").replace("-", "").isalnum()
