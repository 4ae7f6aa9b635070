"""OpenAI's responses, by OpenAI's own client and held against its published description."""

from typing import Any

import openai
import orjson
import pytest

from functions.farebox.dialects.responses.request import chat_of
from functions.farebox.errors import InvalidRequest
from functions.farebox.storage import Store
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.openai_schema import check_shape
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import Reply, StandIn, completion, status, stream
from tests.support.stand_ins.upstream_replies import calling, calling_in_a_stream

HELLO: dict[str, Any] = {"model": "test-model", "input": "Hello"}
TOOL: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
REPLIES: dict[str, tuple[Reply, Reply]] = {
    "text": (completion(), stream()),
    "tools": (calling(), calling_in_a_stream()),
    "a refusal": (completion("", message={"content": None, "refusal": "No."}), stream()),
    "cut short": (completion(finish_reason="length"), stream()),
    "nothing reported": (completion(usage=None), stream(usage=None)),
}


async def ask(instance: Instance, customer: Customer, **fields: Any) -> Any:
    return await instance.client.post("/v1/responses", headers=customer.bearer, json={**HELLO, **fields})


async def test_a_response_is_answered_and_charged_as_a_completion_is(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    response = await openai_of(instance, customer).responses.create(**HELLO, instructions="Be brief.", store=False)
    assert response.output_text == "Hello, wörld 👋!"
    assert (response.id, response.status, response.store) == ("resp_stand-in", "completed", False)
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (9, 12, 21)
    assert response.usage.input_tokens_details.cached_tokens == 4
    assert response.usage.output_tokens_details.reasoning_tokens == 5
    assert upstream.last.path == "/v1/chat/completions"
    assert upstream.last.json["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]
    assert len((await books_of(sqlite_store, customer.uid)).usage) == 1


@pytest.mark.parametrize("case", REPLIES)
async def test_every_answer_has_the_published_shape(
    instance: Instance, customer: Customer, upstream: StandIn, case: str
) -> None:
    upstream.default = REPLIES[case][0]
    answer = await ask(instance, customer, tools=[TOOL], max_output_tokens=64)
    assert answer.status_code == 200
    assert answer.json()["usage"]["output_tokens"] > 0
    check_shape("Response", answer.json())


@pytest.mark.parametrize("case", ["text", "tools", "nothing reported"])
async def test_every_event_of_a_stream_has_the_published_shape(
    instance: Instance, customer: Customer, upstream: StandIn, case: str
) -> None:
    upstream.default = REPLIES[case][1]
    answer = await ask(instance, customer, stream=True)
    events = [orjson.loads(block.partition("\ndata: ")[2]) for block in answer.text.split("\n\n")[:-1]]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1]["type"] == "response.completed"
    assert float(events[-1]["response"]["farebox"]["cost_usd"]) > 0
    for event in events:
        check_shape("ResponseStreamEvent", event)


async def test_the_official_client_puts_a_stream_together(
    sqlite_store: Store, instance: Instance, customer: Customer
) -> None:
    async with openai_of(instance, customer).responses.stream(**HELLO) as events:
        deltas = [event.delta async for event in events if event.type == "response.output_text.delta"]
        response = await events.get_final_response()
    assert "".join(deltas) == response.output_text == "Hello, wörld 👋!"
    assert response.usage is not None
    assert response.usage.total_tokens == 21
    assert len((await books_of(sqlite_store, customer.uid)).usage) == 1


@pytest.mark.parametrize("streamed", [None, "numbered", "all of them 0"])
async def test_functions_are_called_in_items_of_their_own(
    instance: Instance, customer: Customer, upstream: StandIn, streamed: str | None
) -> None:
    client = openai_of(instance, customer)
    upstream.default = calling_in_a_stream(numbered=streamed == "numbered") if streamed else calling()
    asked: dict[str, Any] = {**HELLO, "tools": [TOOL], "tool_choice": {"type": "function", "name": "weather"}}
    if streamed:
        async with client.responses.stream(**asked) as events:
            response: Any = await events.get_final_response()
    else:
        response = await client.responses.create(**asked)
    message, *calls = response.output
    assert message.content[0].text == "Let me see."
    assert [(call.call_id, call.name, call.arguments) for call in calls] == [
        ("call_1", "weather", '{"city":"Rome"}'),
        ("call_2", "clock", "{}"),
    ]
    assert upstream.last.json["tool_choice"] == {"type": "function", "function": {"name": "weather"}}


async def test_an_answer_that_was_cut_short_says_so(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.default = completion(finish_reason="length")
    response = await openai_of(instance, customer).responses.create(**HELLO)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


async def test_a_stream_that_breaks_ends_in_a_failed_response(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = stream(["half", " of"], break_after=2)
    answer = await ask(instance, customer, stream=True)
    last = orjson.loads(answer.text.split("\n\n")[-2].partition("\ndata: ")[2])
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    check_shape("ResponseStreamEvent", last)
    [record] = (await books_of(sqlite_store, customer.uid)).records
    assert record["status"] == "error"
    assert record["charged"] > 0


STATEFUL: list[tuple[dict[str, Any], str]] = [
    ({"background": True}, "background"),
    ({"previous_response_id": "resp_1"}, "previous_response_id"),
    ({"conversation": "conv_1"}, "conversation"),
    ({"prompt": {"id": "p"}}, "prompt"),
    ({"tools": [{"type": "web_search"}]}, "tools.0.type"),
    ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
    ({"input": [{"type": "item_reference", "id": "x"}]}, "input.0.type"),
    ({"input": [{"role": "user", "content": [{"type": "input_image", "detail": "low"}]}]}, "input.0.content.0.type"),
    ({"input": [{"role": "nobody", "content": "x"}]}, "input.0.role"),
    ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
]


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize(("fields", "param"), STATEFUL)
async def test_what_is_not_offered_is_refused_by_name_before_it_costs(
    instance: Instance, customer: Customer, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        chat_of({**HELLO, **fields})
    assert caught.value.param == param
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_of(instance, customer).responses.create(**{**HELLO, **fields})
    assert refused.value.param == param


async def test_nothing_is_stored_and_the_answer_says_so(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    response = await openai_of(instance, customer).responses.create(**HELLO, store=True)
    assert response.to_dict()["store"] is False
    assert "store" not in upstream.last.json


async def test_an_upstreams_refusal_is_passed_on(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    upstream.script(status(400, message="No such thing."))
    with pytest.raises(openai.BadRequestError, match=r"No such thing\."):
        await openai_of(instance, customer).responses.create(**HELLO)


def test_a_conversation_with_functions_and_media_becomes_one_of_completions() -> None:
    chat = chat_of(
        {
            "model": "m",
            "instructions": "Be brief.",
            "input": [
                {"role": "developer", "content": "Rules."},
                {
                    "type": "message",
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "Look:"},
                        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
                        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                    ],
                },
                {"type": "reasoning", "id": "r", "summary": []},
                {"role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
                {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
                {"type": "function_call", "call_id": "c2", "name": "clock", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "sun"},
                {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "noon"}]},
            ],
            "max_output_tokens": 9,
            "reasoning": {"effort": "low"},
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True}, "verbosity": "low"},
            "top_logprobs": 2,
        }
    )
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
        {"id": "c2", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
    ]
    assert chat["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Rules."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            ],
        },
        {"role": "assistant", "content": "I look.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "sun"},
        {"role": "tool", "tool_call_id": "c2", "content": "noon"},
    ]
    assert chat["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {}, "strict": True},
    }
    assert (chat["max_tokens"], chat["reasoning_effort"], chat["verbosity"]) == (9, "low", "low")
    assert (chat["logprobs"], chat["top_logprobs"]) == (True, 2)


async def test_what_a_developer_says_is_said_by_system_where_no_other_is_known(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    said = [{"role": "developer", "content": "Rules."}, {"role": "user", "content": "Hello"}]
    assert (await ask(instance, customer, input=said)).status_code == 200
    assert [message["role"] for message in upstream.last.json["messages"]] == ["system", "user"]
