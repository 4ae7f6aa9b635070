"""The built-in upstream."""

import asyncio
import base64
import math
import struct
import time
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from functions.farebox.gateway.answers import PlainAnswer, StreamAnswer
from functions.farebox.gateway.echo.counting import clip, count
from functions.farebox.gateway.echo.samples import sample
from functions.farebox.gateway.echo.transport import EchoTransport
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.stream.event_buffer import data_of, split
from functions.farebox.gateway.transport import Outgoing
from functions.farebox.gateway.upstream import parse_upstream
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.openai_schema import check_shape

ENTRY = {"id": "echo", "base_url": "echo:", "models": {"m": "echo-1"}}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer", "minimum": 1},
                "unit": {"enum": ["celsius", "fahrenheit"]},
                "note": {"type": "string"},
            },
            "required": ["city", "days", "unit"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "get_time"}}


@pytest.fixture
def gateway(make_gateway: MakeGateway) -> Gateway:
    return make_gateway(ENTRY)


def body(said: Any = "Tell me of trains", **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": said}], **fields}


async def plain(gateway: Gateway, request: dict[str, Any]) -> Any:
    answer = await gateway.open(call_of(request))
    assert isinstance(answer, PlainAnswer), answer
    return orjson.loads(answer.body)


async def refused(request: dict[str, Any], path: str = "/chat/completions") -> Any:
    """The refusal of a request that nothing has checked before."""
    answer = await EchoTransport().send(Outgoing(parse_upstream(ENTRY), path, orjson.dumps(request), {}))
    assert answer.status == 400
    return orjson.loads(await answer.read())["error"]


async def streamed(gateway: Gateway, request: dict[str, Any]) -> tuple[list[Any], StreamAnswer]:
    answer = await gateway.open(call_of({**request, "stream": True}))
    assert isinstance(answer, StreamAnswer)
    async with answer:
        sent = b"".join([block async for block in answer])
    return [orjson.loads(data_of(event) or b"") for event in split(sent)], answer


def said(completion: Any) -> Any:
    return completion["choices"][0]["message"]


async def test_of_what_an_agent_sends_it_repeats_what_the_user_typed(gateway: Gateway) -> None:
    reminder = f"<system-reminder>{'Use get_weather. ' * 50}</system-reminder>"
    parts = [{"type": "text", "text": text} for text in (reminder, "Say hello.")]
    completion = await plain(gateway, body(parts, tools=[WEATHER]))
    assert said(completion)["content"].startswith("You said: Say hello.\n")


async def test_it_refers_to_the_last_thing_the_user_said(gateway: Gateway) -> None:
    messages = [
        {"role": "user", "content": "first words"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": [{"type": "text", "text": "last words"}, {"type": "image_url"}]},
    ]
    completion = await plain(gateway, {"model": "m", "messages": messages})
    assert "last words" in said(completion)["content"]
    assert "first words" not in said(completion)["content"]
    assert completion["model"] == "m"
    assert completion["choices"][0]["finish_reason"] == "stop"


REQUESTS = {
    "text": body(),
    "choices": body(n=3),
    "length": body(max_tokens=2),
    "tool": body(tools=[WEATHER], tool_choice="required"),
    "json": body(response_format={"type": "json_object"}),
}


@pytest.mark.parametrize("request_body", REQUESTS.values(), ids=REQUESTS.keys())
async def test_its_answers_have_the_published_shape(gateway: Gateway, request_body: dict[str, Any]) -> None:
    check_shape("CreateChatCompletionResponse", await plain(gateway, request_body))
    chunks, _ = await streamed(gateway, request_body)
    for chunk in chunks:
        check_shape("CreateChatCompletionStreamResponse", chunk)


async def test_its_embeddings_have_the_published_shape(gateway: Gateway) -> None:
    request = {"model": "m", "input": ["a", "b"]}
    check_shape("CreateEmbeddingResponse", await plain(gateway, request))


@pytest.mark.parametrize("request_body", REQUESTS.values(), ids=REQUESTS.keys())
async def test_a_stream_says_the_same_as_a_whole_answer(gateway: Gateway, request_body: dict[str, Any]) -> None:
    completion = await plain(gateway, request_body)
    chunks, answer = await streamed(gateway, request_body)
    assert answer.inspector.outcome == "complete"
    for choice in completion["choices"]:
        own = [one for chunk in chunks for one in chunk["choices"] if one["index"] == choice["index"]]
        message = choice["message"]
        if message["content"] is not None:
            assert "".join(one["delta"].get("content") or "" for one in own) == message["content"]
        for call in message.get("tool_calls", []):
            calls = [one["delta"]["tool_calls"][0]["function"] for one in own if one["delta"].get("tool_calls")]
            assert calls[0]["name"] == call["function"]["name"]
            assert "".join(one["arguments"] for one in calls) == call["function"]["arguments"]
        assert [one["finish_reason"] for one in own if one["finish_reason"]] == [choice["finish_reason"]]
    assert answer.inspector.usage is not None
    assert answer.inspector.usage.completion_tokens == completion["usage"]["completion_tokens"]
    assert answer.inspector.usage.prompt_tokens == completion["usage"]["prompt_tokens"]


async def test_a_stream_flows_word_by_word(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(ENTRY, echo=EchoTransport(pause_s=0.01))
    answer = await gateway.open(call_of(body(stream=True)))
    assert isinstance(answer, StreamAnswer)
    seen_s = [time.monotonic() async for _ in answer]
    assert len(seen_s) > 5
    assert seen_s[-1] - seen_s[0] >= 0.01 * (len(seen_s) - 2)


async def test_a_stream_that_is_closed_says_no_more(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(ENTRY, echo=EchoTransport(pause_s=0.01))
    answer = await gateway.open(call_of(body(stream=True)))
    assert isinstance(answer, StreamAnswer)
    await anext(answer)
    await answer.aclose()
    assert [block async for block in answer] == []


async def test_many_streams_flow_side_by_side(make_gateway: MakeGateway) -> None:
    gateway = make_gateway(ENTRY, echo=EchoTransport(pause_s=0.005))
    began_s = time.monotonic()
    await asyncio.gather(*[streamed(gateway, body()) for _ in range(20)])
    assert time.monotonic() - began_s < 20 * 0.005 * 20 / 2


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("cap", [1, 2, 5])
async def test_the_cap_is_kept_and_the_finish_says_so(gateway: Gateway, name: str, cap: int) -> None:
    completion = await plain(gateway, body("wörld 👋 " * 30, **{name: cap}))
    assert completion["usage"]["completion_tokens"] == cap
    assert count(said(completion)["content"]) == cap
    assert completion["choices"][0]["finish_reason"] == "length"


async def test_a_cap_that_is_large_enough_changes_nothing(gateway: Gateway) -> None:
    completion = await plain(gateway, body(max_tokens=10_000, max_completion_tokens=9_000))
    assert completion["choices"][0]["finish_reason"] == "stop"
    assert completion["usage"]["completion_tokens"] < 9_000


async def test_every_choice_is_counted(gateway: Gateway) -> None:
    one, three = await plain(gateway, body()), await plain(gateway, body(n=3))
    assert [choice["index"] for choice in three["choices"]] == [0, 1, 2]
    assert three["usage"]["completion_tokens"] == 3 * one["usage"]["completion_tokens"]
    assert three["usage"]["prompt_tokens"] == one["usage"]["prompt_tokens"]


@pytest.mark.parametrize("request_body", REQUESTS.values(), ids=REQUESTS.keys())
async def test_a_prompt_never_has_more_tokens_than_bytes(gateway: Gateway, request_body: dict[str, Any]) -> None:
    usage = (await plain(gateway, request_body))["usage"]
    assert 0 < usage["prompt_tokens"] < len(orjson.dumps(request_body))
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0


def test_clipping_leaves_no_half_character() -> None:
    assert clip("a👋👋", 1) == "a"
    assert clip("👋👋", 1) == "👋"
    assert count("") == 0
    assert count("12345") == 2


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"tool_choice": "required"}, "get_weather"),
        ({"tool_choice": {"type": "function", "function": {"name": "get_time"}}}, "get_time"),
        ({"said": "Please call get_time now"}, "get_time"),
    ],
)
async def test_a_tool_is_called_when_it_is_asked_for(gateway: Gateway, fields: dict[str, Any], name: str) -> None:
    completion = await plain(gateway, body(**{"tools": [WEATHER, CLOCK], **fields}))
    assert completion["choices"][0]["finish_reason"] == "tool_calls"
    assert said(completion)["content"] is None
    [call] = said(completion)["tool_calls"]
    assert call["type"] == "function"
    assert call["function"]["name"] == name


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tool_choice": "auto"},
        {"said": "call get_weather", "tool_choice": "none"},
        {"said": "my get_weather_report is late"},
    ],
)
async def test_no_tool_is_called_unasked(gateway: Gateway, fields: dict[str, Any]) -> None:
    completion = await plain(gateway, body(**{"tools": [WEATHER], **fields}))
    assert "tool_calls" not in said(completion)


async def test_a_tools_arguments_fit_its_schema(gateway: Gateway) -> None:
    completion = await plain(gateway, body(tools=[WEATHER], tool_choice="required"))
    arguments = orjson.loads(said(completion)["tool_calls"][0]["function"]["arguments"])
    assert arguments == {"city": "echo", "days": 1, "unit": "celsius"}


async def test_a_tools_result_is_answered_in_words(gateway: Gateway) -> None:
    messages = [
        {"role": "user", "content": "use get_weather"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function"}]},
        {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"},
    ]
    completion = await plain(gateway, {"model": "m", "messages": messages, "tools": [WEATHER]})
    assert "21 degrees" in said(completion)["content"]


async def test_json_is_answered_where_it_is_asked_for(gateway: Gateway) -> None:
    completion = await plain(gateway, body("hi", response_format={"type": "json_object"}))
    assert orjson.loads(said(completion)["content"]) == {"echo": "hi"}
    schema = WEATHER["function"]["parameters"]  # type: ignore[index]
    form = {"type": "json_schema", "json_schema": {"name": "w", "schema": schema}}
    completion = await plain(gateway, body(response_format=form))
    Draft202012Validator(schema).validate(orjson.loads(said(completion)["content"]))
    told = completion["usage"]["prompt_tokens"]
    assert told > len(orjson.dumps(schema)) / 4, "else a prompt is doubted that is mostly its form"


SCHEMAS: list[dict[str, Any]] = [
    {"type": "string", "minLength": 9, "maxLength": 9},
    {"type": "string", "maxLength": 2},
    {"type": ["null", "boolean"]},
    {"type": "integer", "minimum": 3},
    {"type": "integer", "maximum": -3},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": "number", "exclusiveMaximum": -2.5},
    {"type": "number", "minimum": 0.5},
    {"type": "integer", "minimum": -5, "maximum": 5},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    {"type": "array"},
    {"const": [1]},
    {"enum": ["x", "y"]},
    {"type": "null"},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {
        "$defs": {"a/b": {"type": "integer"}},
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/a~1b"}},
        "required": ["x"],
    },
    {
        "allOf": [
            {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
            {"properties": {"y": {"type": "string"}}, "required": ["y"]},
        ]
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_sample_fits_its_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(sample(schema))


def test_a_schema_without_an_end_gives_a_sample_with_one() -> None:
    node: dict[str, Any] = {"type": "array", "items": {"$ref": "#"}, "minItems": 100}
    assert len(orjson.dumps(sample(node))) < 10_000
    assert sample({"$ref": "#"}) is None


@pytest.mark.parametrize(
    ("request_body", "param"),
    [
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": ["hi"]}, "messages"),
        (body(n=0), "n"),
        (body(n=129), "n"),
        (body(max_tokens=0), "max_tokens"),
        (body(max_completion_tokens="9"), "max_completion_tokens"),
        (body(tools=[{"type": "function"}]), None),
        (body(tools=["x"]), None),
        (body(response_format="json"), None),
        (body(response_format={"type": "json_schema"}), None),
    ],
    ids=str,
)
async def test_a_request_that_makes_no_sense_is_refused(request_body: dict[str, Any], param: str | None) -> None:
    error = await refused(request_body)
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param


async def test_the_same_text_has_the_same_vector_of_length_one(gateway: Gateway) -> None:
    request = {"model": "m", "input": ["a", "b", "a"], "dimensions": 8}
    vectors = [one["embedding"] for one in (await plain(gateway, request))["data"]]
    assert vectors[0] == vectors[2] != vectors[1]
    assert all(len(vector) == 8 and math.isclose(math.hypot(*vector), 1) for vector in vectors)


async def test_vectors_come_as_base64_where_asked_for(gateway: Gateway) -> None:
    request = {"model": "m", "input": "a", "dimensions": 4}
    floats = (await plain(gateway, request))["data"][0]["embedding"]
    packed = (await plain(gateway, {**request, "encoding_format": "base64"}))["data"][0]["embedding"]
    assert struct.unpack("<4f", base64.b64decode(packed)) == pytest.approx(floats)


@pytest.mark.parametrize(("given", "tokens"), [("abcde", 2), (["abcde", "a"], 3), ([1, 2, 3], 3), ([[1], [2, 3]], 3)])
async def test_embeddings_count_their_input(gateway: Gateway, given: Any, tokens: int) -> None:
    answer = await plain(gateway, {"model": "m", "input": given})
    assert answer["usage"] == {"prompt_tokens": tokens, "total_tokens": tokens}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": [True]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": ["a"] * 2000, "dimensions": 4096}, "input"),
        ({"input": "a", "dimensions": 0}, "dimensions"),
        ({"input": "a", "dimensions": True}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
async def test_embeddings_that_make_no_sense_are_refused(fields: dict[str, Any], param: str) -> None:
    assert (await refused({"model": "m", **fields}, "/embeddings"))["param"] == param
