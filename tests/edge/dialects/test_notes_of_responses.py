"""What a model writes for itself comes back to it with the results of its tools, by way of what clients of Responses
keep: sealed thoughts and the ids of calls."""

from typing import Any

import pytest

from functions.farebox.dialects.responses.request import without_notes
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.noting_chat import GEMINI, OPENROUTER, SAID, STEPS, WAYS, NotingChat, Way
from tests.support.stand_ins.upstream import StandIn

TOOL: dict[str, Any] = {"type": "function", "name": "weather", "parameters": {}, "strict": False}
QUESTION: dict[str, Any] = {"type": "message", "role": "user", "content": "Hello"}


async def loop(instance: Instance, customer: Customer, *, streamed: bool, **asked: Any) -> list[dict[str, Any]]:
    """A loop of tools to its end; answers all items."""
    responses = openai_of(instance, customer).responses
    items: list[Any] = [QUESTION]
    for _ in range(STEPS + 1):
        request: Any = {"model": "test-model", "tools": [TOOL], "input": items, **asked}
        response: Any
        if streamed:
            async with responses.stream(**request) as events:
                response = await events.get_final_response()
        else:
            response = await responses.create(**request)
        told = [item.to_dict() for item in response.output]
        items += told
        results = [
            {"type": "function_call_output", "call_id": item["call_id"], "output": "rain"}
            for item in told
            if item["type"] == "function_call"
        ]
        items += results
        if not results:
            break
    return items


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fields", [{}, {"reasoning": {"summary": "auto"}}], ids=["unasked", "summary"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_a_loop_of_tools_goes_on_where_the_model_wants_its_notes_back(
    instance: Instance, customer: Customer, upstream: StandIn, way: Way, fields: dict[str, Any], streamed: bool
) -> None:
    vendor = NotingChat(way)
    upstream.default = vendor.answer
    items = await loop(instance, customer, streamed=streamed, **fields)
    assert items[-1]["content"][0]["text"] == SAID
    assert len(vendor.bodies) == STEPS + 1
    place = "summary" if fields else "content"
    thoughts = [item[place][0]["text"] for item in items if item["type"] == "reasoning"]
    assert thoughts[:STEPS] == (["Let me see."] * STEPS if way.whole else [])


async def test_who_speaks_responses_is_sent_none_of_them(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    for way in (GEMINI, OPENROUTER):
        upstream.default = NotingChat(way).answer
        items = await loop(instance, customer, streamed=False)
        own = without_notes({"model": "m", "input": items})["input"]
        assert {item["type"] for item in own} == {"message", "function_call", "function_call_output"}
        calls = {item["call_id"] for item in own if item["type"] == "function_call"}
        assert calls == {item["call_id"] for item in own if item["type"] == "function_call_output"}
        assert not any("farebox1" in call for call in calls)
        theirs = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAAB"}
        assert without_notes({"input": [theirs]})["input"] == [theirs]
