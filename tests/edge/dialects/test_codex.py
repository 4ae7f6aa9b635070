"""What OpenAI's Codex sends by default is served by upstreams that complete chats, and passed on to those that speak
Responses."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.dialects.responses.request import chat_of
from functions.farebox.storage import Store
from tests.edge.dialects.conftest import PRICE
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.responses import ResponsesApi
from tests.support.stand_ins.upstream import StandIn
from tests.support.stand_ins.upstream_replies import calling_these, calling_these_in_a_stream

EXEC = {"type": "function", "name": "exec_command", "parameters": {"type": "object"}, "strict": False}
WEB = {"type": "web_search", "external_web_access": True, "search_content_types": ["text", "image"]}
QUERY = {"type": "object", "properties": {"query": {"type": "string"}}}
FIND = {"type": "tool_search", "execution": "client", "description": "Finds tools.", "parameters": QUERY}
SAID: dict[str, Any] = {"type": "message", "id": "msg_1", "role": "user", "content": "Hello"}
ASKED: dict[str, Any] = {
    "model": "test-model",
    "input": [SAID],
    "tools": [EXEC, FIND, WEB],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"effort": "medium", "context": "all_turns"},
    "store": False,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "k",
    "text": {"verbosity": "low"},
    "client_metadata": {"turn_id": "t"},
}
IMAGE = "data:image/png;base64,iVBORw0KGgo="


async def ask(instance: Instance, customer: Customer, **fields: Any) -> httpx.Response:
    asked = {name: value for name, value in {**ASKED, **fields}.items() if value is not None}
    answer = await instance.client.post("/v1/responses", headers=customer.bearer, json=asked)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
async def vendor() -> AsyncIterator[tuple[StandIn, ResponsesApi]]:
    """An upstream that speaks Responses alone."""
    async with StandIn() as stand_in:
        api = ResponsesApi()
        stand_in.default = api.answer
        yield stand_in, api


@pytest.fixture
def api(vendor: tuple[StandIn, ResponsesApi]) -> ResponsesApi:
    return vendor[1]


@pytest.fixture
async def instance(
    sqlite_store: Store, upstream: StandIn, vendor: tuple[StandIn, ResponsesApi]
) -> AsyncIterator[Instance]:
    """Behind it is one that completes chats, and one that speaks Responses; searches have a price in one model."""
    upstreams = [upstream.entry(), vendor[0].entry("openai", "native", "searching", speaks=["responses"])]
    pricing = {
        "test-model": PRICE,
        "native": PRICE,
        "searching": {**PRICE, "search_usd": "0.01", "tools_tokens": {"search": 500}},
    }
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode()) as instance:
        yield instance


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_search_that_nobody_offers_is_left_out_and_named(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    answer = await ask(instance, customer, stream=streamed)
    sent = upstream.last.json
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["exec_command", "tool_search"]
    assert answer.headers["x-farebox-dropped"] == "tools.web_search, client_metadata, reasoning.context"
    assert (sent["tool_choice"], sent["parallel_tool_calls"], sent["verbosity"]) == ("auto", True, "low")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_search_without_a_price_is_left_out_of_what_is_passed_on(
    instance: Instance, customer: Customer, api: ResponsesApi, streamed: bool
) -> None:
    more = {"type": "additional_tools", "role": "developer", "tools": [WEB, EXEC]}
    answer = await ask(instance, customer, model="native", stream=streamed, input=[more, SAID])
    assert answer.headers["x-farebox-dropped"] == "tools.web_search"
    [sent] = api.bodies
    assert sent["tools"] == [EXEC, FIND]
    assert sent["input"] == [{**more, "tools": [EXEC]}, SAID]
    assert sent["client_metadata"] == ASKED["client_metadata"]


async def test_a_search_with_a_price_is_passed_on(instance: Instance, customer: Customer, api: ResponsesApi) -> None:
    answer = await ask(instance, customer, model="searching")
    assert "x-farebox-dropped" not in answer.headers
    assert api.bodies[0]["tools"] == ASKED["tools"]


@pytest.mark.parametrize("fields", [{"tools": [WEB]}, {"tool_choice": {"type": "web_search"}}])
async def test_a_search_that_is_all_that_is_wanted_is_refused(
    instance: Instance, customer: Customer, fields: dict[str, Any]
) -> None:
    for model in ("test-model", "native"):
        asked = {**ASKED, "model": model, **fields}
        answer = await instance.client.post("/v1/responses", headers=customer.bearer, json=asked)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unsupported_parameter"), answer.text


FOUND = {"type": "function", "name": "read", "description": "Reads.", "parameters": {"type": "object"}}
SEARCHED = [
    {"type": "tool_search_call", "execution": "client", "call_id": "call_1", "arguments": {"query": "files"}},
    {
        "type": "tool_search_output",
        "execution": "client",
        "call_id": "call_1",
        "tools": [{"type": "namespace", "name": "mcp__files__", "description": "Files.", "tools": [FOUND]}],
    },
]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_search_for_tools_is_a_function_and_its_call_a_search(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    calls = [("call_1", "tool_search", '{"query":"files"}'), ("call_2", "exec_command", "{}")]
    client = openai_of(instance, customer)
    asked = {name: ASKED[name] for name in ("model", "input", "tools")}
    response: Any
    if streamed:
        upstream.default = calling_these_in_a_stream(calls)
        async with client.responses.stream(**asked) as events:
            response = await events.get_final_response()
    else:
        upstream.default = calling_these(calls)
        response = await client.responses.create(**asked)
    _, found, called = response.output
    assert (found.type, found.execution, found.arguments) == ("tool_search_call", "client", {"query": "files"})
    assert (found.call_id, found.status, called.type) == ("call_1", "completed", "function_call")


def test_what_a_search_for_tools_came_to_can_be_called() -> None:
    chat = chat_of({**ASKED, "input": [SAID, *SEARCHED]})
    _, called, found = chat["messages"]
    assert called["tool_calls"][0]["function"] == {"name": "tool_search", "arguments": '{"query":"files"}'}
    assert found["tool_call_id"] == "call_1"
    assert orjson.loads(found["content"])["tools"][0]["name"] == "mcp__files__read"
    assert [tool["function"]["name"] for tool in chat["tools"]] == ["exec_command", "tool_search", "mcp__files__read"]


def test_what_openai_would_search_for_is_offered_at_once() -> None:
    server = {"type": "tool_search"}
    call = {"type": "tool_search_call", "execution": "server", "call_id": None, "arguments": {"paths": ["x"]}}
    output = {"type": "tool_search_output", "execution": "server", "call_id": None, "tools": [FOUND]}
    chat = chat_of({**ASKED, "tools": [server, {**FOUND, "defer_loading": True}], "input": [SAID, call, output]})
    assert [tool["function"]["name"] for tool in chat["tools"]] == ["read"]
    assert "defer_loading" not in chat["tools"][0]["function"]
    assert chat["messages"] == [{"role": "user", "content": "Hello"}]


def test_what_calls_came_to_is_shown_by_the_user_where_it_is_no_text() -> None:
    calls = [
        {"type": "function_call", "call_id": f"call_{n}", "name": "view_image", "arguments": "{}"} for n in range(3)
    ]
    seen = [
        [{"type": "input_image", "image_url": IMAGE, "detail": "high"}],
        [{"type": "input_text", "text": "Two."}, {"type": "input_image", "image_url": IMAGE}],
        "Three.",
    ]
    outputs = [
        {"type": "function_call_output", "call_id": f"call_{n}", "output": output} for n, output in enumerate(seen)
    ]
    chat = chat_of({**ASKED, "input": [SAID, *calls, *outputs, SAID]})
    roles = [message["role"] for message in chat["messages"]]
    assert roles == ["user", "assistant", "tool", "tool", "tool", "user", "user"]
    assert [message["content"] for message in chat["messages"][2:5]] == ["It is in the next message.", "Two.", "Three."]
    shown = chat["messages"][5]["content"]
    assert [part["type"] for part in shown] == ["text", "image_url"] * 2
    assert shown[0]["text"] == "What call_0 came to:"
    assert shown[1]["image_url"] == {"url": IMAGE, "detail": "high"}


def test_tools_that_may_not_be_called_are_not_offered() -> None:
    allowed = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "exec_command"}]}
    chat = chat_of({**ASKED, "tool_choice": allowed})
    assert [tool["function"]["name"] for tool in chat["tools"]] == ["exec_command"]
    assert chat["tool_choice"] == "required"


def test_who_offers_no_tools_says_nothing_of_how_to_call_them() -> None:
    chat = chat_of({**ASKED, "tools": []})
    assert chat.keys().isdisjoint({"tools", "tool_choice", "parallel_tool_calls"})


async def test_a_prompt_that_may_be_cut_is_not_and_the_answer_says_so(instance: Instance, customer: Customer) -> None:
    answer = await ask(instance, customer, truncation="auto", tools=[EXEC])
    assert answer.json()["truncation"] == "disabled"
    assert "truncation" in answer.headers["x-farebox-dropped"].split(", ")


@pytest.mark.parametrize("kind", ["web_search_preview", "web_search_2025_08_26"])
async def test_every_name_of_a_search_is_one(
    instance: Instance, customer: Customer, upstream: StandIn, kind: str
) -> None:
    await ask(instance, customer, tools=[EXEC, {"type": kind}])
    assert len(upstream.last.json["tools"]) == 1
