"""Custom tools and namespaces of the Responses API: functions to the upstream, and named back to the client."""

from typing import Any

import orjson
import pytest

from functions.farebox.dialects.responses.request import chat_of
from functions.farebox.dialects.responses.tools import custom_input, function_name, read_tools
from functions.farebox.errors import InvalidRequest
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import StandIn
from tests.support.stand_ins.upstream_replies import calling_these, calling_these_in_a_stream

HELLO: dict[str, Any] = {"model": "test-model", "input": "Hello"}
PATCH = '*** Begin Patch\n*** Add File: wörld.txt\n+"hi"\n*** End Patch'
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": 'start: "*** Begin Patch"'}
APPLY = {"type": "custom", "name": "apply_patch", "description": "Edits files.", "format": GRAMMAR}
READ = {"type": "function", "name": "read", "description": "Reads.", "parameters": {"type": "object"}, "strict": False}
FILES = {"type": "namespace", "name": "mcp__files__", "description": "Files.", "tools": [READ]}
NOTES = {"type": "namespace", "name": "notes", "description": "Notes.", "tools": [READ, {**APPLY, "name": "edit"}]}
PLAIN = {"type": "function", "name": "read", "parameters": {}}
TOOLS = [APPLY, FILES, NOTES, PLAIN]
CALLS = [
    ("call_1", "apply_patch", orjson.dumps({"input": PATCH}).decode()),
    ("call_2", "mcp__files__read", '{"path":"a"}'),
    ("call_3", "notes__edit", '{"input":"x"}'),
    ("call_4", "read", "{}"),
    ("call_5", "unheard_of", "{}"),
]
NAMED_BACK = [
    {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": PATCH},
    {
        "type": "function_call",
        "call_id": "call_2",
        "name": "read",
        "arguments": '{"path":"a"}',
        "namespace": "mcp__files__",
    },
    {"type": "custom_tool_call", "call_id": "call_3", "name": "edit", "input": "x", "namespace": "notes"},
    {"type": "function_call", "call_id": "call_4", "name": "read", "arguments": "{}"},
    {"type": "function_call", "call_id": "call_5", "name": "unheard_of", "arguments": "{}"},
]


def bare(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items without their ids, which are all different, and all of which are done."""
    assert len({item["id"] for item in items}) == len(items)
    assert {item["status"] for item in items} == {"completed"}
    return [{name: value for name, value in item.items() if name not in ("id", "status")} for item in items]


async def ask(instance: Instance, customer: Customer, **fields: Any) -> Any:
    answer = await instance.client.post("/v1/responses", headers=customer.bearer, json={**HELLO, **fields})
    assert answer.status_code == 200, answer.text
    return answer


async def test_an_upstream_is_offered_functions(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.default = calling_these(CALLS)
    answer = await ask(instance, customer, tools=TOOLS, tool_choice={"type": "custom", "name": "apply_patch"})
    functions = [tool["function"] for tool in upstream.last.json["tools"]]
    assert [function["name"] for function in functions] == [
        "apply_patch",
        "mcp__files__read",
        "notes__read",
        "notes__edit",
        "read",
    ]
    assert functions[0]["parameters"]["properties"] == {"input": {"type": "string"}}
    assert functions[0]["description"].startswith("Edits files.")
    assert GRAMMAR["definition"] in functions[0]["description"]
    assert functions[1] == {**{name: READ[name] for name in READ if name != "type"}, "name": "mcp__files__read"}
    assert upstream.last.json["tool_choice"] == {"type": "function", "function": {"name": "apply_patch"}}
    assert answer.json()["tools"][0] == APPLY
    assert bare(answer.json()["output"][1:]) == NAMED_BACK


async def test_calls_are_named_back_in_a_stream(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.default = calling_these_in_a_stream(CALLS)
    answer = await ask(instance, customer, tools=TOOLS, stream=True)
    events = [orjson.loads(block.partition("\ndata: ")[2]) for block in answer.text.split("\n\n")[:-1]]
    assert bare(events[-1]["response"]["output"][1:]) == NAMED_BACK
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert bare(done[1:]) == NAMED_BACK
    begun = [event["item"] for event in events if event["type"] == "response.output_item.added"]
    assert (begun[1]["type"], begun[1]["input"], begun[1]["status"]) == ("custom_tool_call", "", "in_progress")
    texts = [event for event in events if event["type"].startswith("response.custom_tool_call_input.")]
    assert [event["type"].rpartition(".")[2] for event in texts] == ["delta", "done"] * 2
    assert [event.get("delta", event.get("input")) for event in texts] == [PATCH, PATCH, "x", "x"]
    assert {event["item_id"] for event in texts} == {begun[1]["id"], begun[3]["id"]}
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_official_client_reads_a_custom_call(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: bool
) -> None:
    client = openai_of(instance, customer)
    asked: dict[str, Any] = {**HELLO, "tools": [APPLY]}
    if streamed:
        upstream.default = calling_these_in_a_stream(CALLS[:1])
        async with client.responses.stream(**asked) as events:
            response: Any = await events.get_final_response()
    else:
        upstream.default = calling_these(CALLS[:1])
        response = await client.responses.create(**asked)
    call = response.output[1]
    assert (call.type, call.call_id, call.name, call.input) == ("custom_tool_call", "call_1", "apply_patch", PATCH)


async def test_calls_and_their_outputs_go_back_as_those_of_functions(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    said: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]
    for call in NAMED_BACK[:3]:
        output = f"{call['type']}_output"
        said += [call, {"type": output, "call_id": call["call_id"], "output": f"done {call['call_id']}"}]
    await ask(instance, customer, tools=TOOLS, input=said)
    _, *turns = upstream.last.json["messages"]
    assert [turn["tool_calls"][0]["function"] for turn in turns[::2]] == [
        {"name": "apply_patch", "arguments": CALLS[0][2]},
        {"name": "mcp__files__read", "arguments": '{"path":"a"}'},
        {"name": "notes__edit", "arguments": '{"input":"x"}'},
    ]
    assert [turn["content"] for turn in turns[1::2]] == ["done call_1", "done call_2", "done call_3"]


def test_tools_may_come_in_the_input() -> None:
    more = {"type": "additional_tools", "tools": [APPLY, PLAIN]}
    asked = {**HELLO, "tools": [PLAIN], "input": [more, {"role": "user", "content": "Hello"}]}
    chat = chat_of(asked)
    assert [tool["function"]["name"] for tool in chat["tools"]] == ["read", "apply_patch"]
    assert chat["messages"] == [{"role": "user", "content": "Hello"}]
    assert read_tools(asked)[1]["apply_patch"].kind == "custom"


def test_a_long_name_is_short_and_still_its_own() -> None:
    names = [function_name(f"{'x' * 60}{n}", "mcp__files") for n in range(9)]
    assert {len(name) for name in names} == {64}
    assert len(set(names)) == 9
    assert function_name("a", None) == "a"


@pytest.mark.parametrize("arguments", ['{"input": "*** Begin', "plain", "[]", "{}", '{"input": 5}', "5", ""])
def test_what_is_no_text_in_its_place_is_told_as_it_came(arguments: str) -> None:
    assert custom_input(arguments) == arguments


def test_two_tools_of_one_name_are_refused() -> None:
    notes = {"type": "function", "name": "notes__read"}
    with pytest.raises(InvalidRequest) as refused:
        chat_of({**HELLO, "tools": [NOTES, notes]})
    assert refused.value.param == "tools.1.name"


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize(
    ("path", "tool", "advice"),
    [
        ("responses", {"type": "local_shell"}, "'custom' or 'function'"),
        ("responses", {"type": "apply_patch"}, "'custom' or 'function'"),
        ("responses", {"type": "shell", "environment": {"type": "local"}}, "'custom' or 'function'"),
        ("responses", {"type": "computer_use_preview"}, "'custom' or 'function'"),
        ("chat/completions", {"type": "bash_20250124", "name": "bash"}, "Describe it as a function"),
        ("chat/completions", {"type": "apply_patch"}, "Describe it as a function"),
    ],
)
async def test_what_the_client_carries_out_is_not_said_to_be_the_vendors(
    instance: Instance, customer: Customer, path: str, tool: dict[str, Any], advice: str
) -> None:
    said = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9}
    body = {**(HELLO if path == "responses" else said), "tools": [tool]}
    answer = await instance.client.post(f"/v1/{path}", headers=customer.bearer, json=body)
    message = answer.json()["error"]["message"]
    assert answer.status_code == 400
    assert tool["type"] in message
    assert advice in message
    assert "servers" not in message
