"""The scripts of sessions are played in each dialect alike."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.patience import PATIENCE_S
from tests.support.sessions.hearing import Dialect
from tests.support.sessions.scenes import HELLO, THOUGHT
from tests.support.sessions.upstream import ScriptedUpstream
from tests.support.stand_ins.anthropic import KEY
from tests.support.stand_ins.upstream import StandIn

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
IMAGE = "data:image/png;base64,iVBORw0KGgo="
HEAD = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}


@pytest.fixture
def session(upstream: StandIn) -> ScriptedUpstream:
    session = ScriptedUpstream(speaks=("chat", "messages", "responses"))
    upstream.default = session.answer
    return session


@pytest.fixture
async def vendor(upstream: StandIn, session: ScriptedUpstream) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=upstream.base_url, headers=HEAD, timeout=PATIENCE_S) as client:
        yield client


async def ask(vendor: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await vendor.post(path, json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_loop_of_chats(vendor: httpx.AsyncClient, session: ScriptedUpstream) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": CITY}}]
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]
    for n in range(4):
        told = await ask(vendor, "/chat/completions", model="gpt-reasoning", messages=messages, tools=tools)
        said = told["choices"][0]["message"]
        assert said["reasoning_content"] == THOUGHT
        messages.append(said)
        results = [
            {"role": "tool", "tool_call_id": call["id"], "content": f"{n}"} for call in said.get("tool_calls", ())
        ]
        messages += results
    assert said["content"] == "They came to 0 | 1 | 2"
    assert session.heard[-1].thoughts == 3


async def test_parallel_calls_of_messages(vendor: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {
        "model": "parallel",
        "max_tokens": 99,
        "tools": [{"name": "weather", "input_schema": CITY}],
    }
    question = {"role": "user", "content": "Hello"}
    told = await ask(vendor, "/messages", messages=[question], **asked)
    calls = [block["id"] for block in told["content"]]
    results = [{"type": "tool_result", "tool_use_id": id, "content": f"result of {id}"} for id in calls]
    messages = [question, {"role": "assistant", "content": told["content"]}, {"role": "user", "content": results}]
    told = await ask(vendor, "/messages", messages=messages, **asked)
    assert told["content"][0]["text"] == "They came to result of toolu_call_0 | result of toolu_call_1"


async def test_an_image_in_the_output_of_a_function(vendor: httpx.AsyncClient) -> None:
    call = {"type": "function_call", "call_id": "call_0", "name": "view_image", "arguments": "{}"}
    output = [{"type": "input_image", "image_url": IMAGE}]
    items = [call, {"type": "function_call_output", "call_id": "call_0", "output": output}]
    told = await ask(vendor, "/responses", model="image", input=items, store=False, max_output_tokens=99)
    assert told["output"][0]["content"][0]["text"] == "I see image/png"


MESSAGES = [{"role": "user", "content": "Hello"}]


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/chat/completions", "chat", {"messages": MESSAGES}),
        ("/messages", "messages", {"messages": MESSAGES, "max_tokens": 99}),
        ("/responses", "responses", {"input": MESSAGES, "max_output_tokens": 99, "store": False}),
    ],
)
async def test_who_offers_no_tools_is_told_a_text(
    vendor: httpx.AsyncClient, session: ScriptedUpstream, path: str, kind: Dialect, body: dict[str, Any]
) -> None:
    answer = await vendor.post(path, json={"model": "loop", **body})
    assert answer.status_code == 200, answer.text
    assert HELLO in answer.text
    assert session.heard[-1].dialect == kind


async def test_a_call_without_its_result_is_refused(vendor: httpx.AsyncClient) -> None:
    call = {"type": "function_call", "call_id": "call_0", "name": "weather", "arguments": "{}"}
    answer = await vendor.post("/responses", json={"model": "loop", "input": [call], "max_output_tokens": 99})
    assert answer.status_code == 400
    assert "call_0" in answer.text
