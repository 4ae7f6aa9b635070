"""OpenAI's legacy completions: translated for upstreams that complete chats, passed on to those that complete texts,
and paid for as any other request."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import orjson
import pytest

from functions.farebox.storage import Data, Store
from tests.edge.dialects.conftest import PRICE
from tests.support.clients.asgi import error_of
from tests.support.clients.vendor_sdks import openai_of
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import (
    DONE,
    MODEL,
    USAGE,
    WORDS,
    Reply,
    StandIn,
    completion,
    json_reply,
    raw,
    status,
)

ASKED: dict[str, Any] = {"model": "test-model", "prompt": "Once upon"}
COST = 137_500  # nano-USD: 5 plain at 2.50, 4 cached at 1.25, 12 out at 10.00 a million
HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 1_700_000_000, "model": MODEL}
LOGPROBS = {
    "content": [
        {"token": "Hel", "logprob": -0.5, "bytes": None, "top_logprobs": [{"token": "Hel", "logprob": -0.5}]},
        {"token": "lo", "logprob": -0.25, "bytes": None, "top_logprobs": []},
    ]
}


@pytest.fixture
async def texts(sqlite_store: Store, upstream: StandIn, other: StandIn) -> AsyncIterator[Instance]:
    """An instance whose first upstream completes texts, and whose other completes chats."""
    entries = [
        upstream.entry("texts", speaks=["completions"], cap_field="max_completion_tokens"),
        other.entry("chats", priority=1),
    ]
    async with running(
        sqlite_store, pricing={"test-model": PRICE}, FAREBOX_UPSTREAMS=orjson.dumps(entries).decode()
    ) as instance:
        await instance.runtime.data_plane()
        yield instance


async def ask(instance: Instance, customer: Customer, **fields: Any) -> httpx.Response:
    return await instance.client.post("/v1/completions", headers=customer.bearer, json={**ASKED, **fields})


async def record_of(store: Store, customer: Customer) -> Data:
    [record] = (await books_of(store, customer.uid)).records
    return record


def whole(*said: str, usage: Mapping[str, Any] | None = USAGE) -> Reply:
    """What a server of texts answers."""
    choices = [{"text": text, "index": n, "logprobs": None, "finish_reason": "stop"} for n, text in enumerate(said)]
    return json_reply({**HEAD, "choices": choices, **({} if usage is None else {"usage": usage})})


def streamed(*pieces: str, usage: Mapping[str, Any] | None = USAGE) -> Reply:
    """The same as a stream of one choice."""
    ends = [None] * (len(pieces) - 1) + ["stop"]
    choices = [
        {"text": piece, "index": 0, "logprobs": None, "finish_reason": end}
        for piece, end in zip(pieces, ends, strict=True)
    ]
    events = [event({**HEAD, "choices": [choice]}) for choice in choices]
    if usage is not None:
        events.append(event({**HEAD, "choices": [], "usage": usage}))
    return raw(*events, DONE, headers={"content-type": "text/event-stream"})


def event(payload: object) -> bytes:
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def events_of(answer: httpx.Response) -> list[dict[str, Any]]:
    *events, done = answer.text.removesuffix("\n\n").split("\n\n")
    assert done == "data: [DONE]"
    return [orjson.loads(each.removeprefix("data: ")) for each in events]


async def test_a_text_is_completed_by_a_chat_and_charged_as_one(
    sqlite_store: Store, instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = completion("Hello", n=2)
    answer = await ask(instance, customer, n=2, stop=["\n"], temperature=0, user="u", seed=7, best_of=2)
    told = answer.json()
    assert {name: told[name] for name in ("id", "object", "model", "usage")} == {
        "id": "cmpl-stand-in",
        "object": "text_completion",
        "model": "test-model",
        "usage": USAGE,
    }
    assert told["choices"] == [{"text": "Hello", "index": n, "logprobs": None, "finish_reason": "stop"} for n in (0, 1)]
    assert upstream.last.path == "/v1/chat/completions"
    assert upstream.last.json == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Once upon"}],
        "max_tokens": 16,
        "n": 2,
        "stop": ["\n"],
        "temperature": 0,
        "user": "u",
        "seed": 7,
    }
    assert answer.headers["x-farebox-cost-usd"] == "0.0001375"
    record = await record_of(sqlite_store, customer)
    assert (record["charged"], record["path"], record["usage_source"]) == (COST, "/completions", "provider")


@pytest.mark.parametrize("wants_usage", [False, True])
async def test_a_stream_comes_in_pieces_of_text_and_tells_its_usage_to_who_asks(
    sqlite_store: Store, instance: Instance, customer: Customer, wants_usage: bool
) -> None:
    answer = await ask(instance, customer, stream=True, stream_options={"include_usage": wants_usage})
    *pieces, last = events_of(answer)
    if wants_usage:
        assert (last["choices"], last["usage"]) == ([], USAGE)
        assert last["farebox"]["cost_usd"] == "0.0001375"
        last = pieces.pop()
    assert {each["object"] for each in pieces} == {"text_completion"}
    assert all(each["choices"][0]["text"] for each in pieces)
    assert (last["choices"][0]["text"], last["choices"][0]["finish_reason"]) == ("", "stop")
    assert (await record_of(sqlite_store, customer))["charged"] == COST


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_is_repeated_before_each_choice_where_that_is_asked_for(
    instance: Instance, customer: Customer, stream: bool
) -> None:
    answer = await ask(instance, customer, prompt=["Once upon"], echo=True, stream=stream)
    told = events_of(answer) if stream else [answer.json()]
    said = "".join(each["choices"][0]["text"] for each in told)
    assert said.startswith("Once upon")
    assert said.count("Once upon") == 1


async def test_probabilities_come_in_lists_beside_each_other(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL, "usage": USAGE}
    upstream.default = json_reply({**body, "choices": [{**choice, "logprobs": LOGPROBS}]})
    [told] = (await ask(instance, customer, logprobs=1)).json()["choices"]
    assert told["logprobs"] == {
        "tokens": ["Hel", "lo"],
        "token_logprobs": [-0.5, -0.25],
        "top_logprobs": [{"Hel": -0.5}, {}],
        "text_offset": [0, 3],
    }
    assert (upstream.last.json["logprobs"], upstream.last.json["top_logprobs"]) == (True, 1)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"suffix": "The end."}, "suffix"),
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2, 3]}, "prompt"),
        ({"prompt": [[1, 2], [3]]}, "prompt"),
        ({"logprobs": 0, "echo": True}, "logprobs"),
        ({"prompt": None}, "prompt"),
        ({"logprobs": True}, "logprobs"),
        ({"n": 3, "best_of": 2}, "best_of"),
    ],
)
@pytest.mark.usefixtures("unasked")
async def test_what_no_chat_can_do_is_refused_by_name(
    instance: Instance, customer: Customer, fields: dict[str, Any], param: str
) -> None:
    answer = await ask(instance, customer, **fields)
    assert answer.status_code == 400
    assert error_of(answer)["param"] == param


async def test_openais_own_client_is_served(instance: Instance, customer: Customer, upstream: StandIn) -> None:
    client = openai_of(instance, customer)
    upstream.script(completion("Hello"))
    told = await client.completions.create(model="test-model", prompt="Once upon", max_tokens=9)
    assert (told.choices[0].text, told.usage and told.usage.completion_tokens) == ("Hello", 12)
    said = [
        each.choices[0].text
        async for each in await client.completions.create(model="test-model", prompt="Once upon", stream=True)
    ]
    assert "".join(said) == "".join(WORDS)


async def test_a_text_goes_as_it_is_to_who_completes_texts(
    sqlite_store: Store, texts: Instance, customer: Customer, upstream: StandIn, other: StandIn
) -> None:
    said = (" a", " b", " c", " d")
    upstream.default = whole(*said)
    asked = {"prompt": ["a", "b"], "n": 2, "best_of": 3, "suffix": "z", "echo": True, "logprobs": 2, "max_tokens": 9}
    answer = await ask(texts, customer, **asked)
    assert [choice["text"] for choice in answer.json()["choices"]] == [*said]
    assert (answer.json()["model"], answer.headers["x-farebox-dialect"]) == ("test-model", "completions")
    assert upstream.last.path == "/v1/completions"
    assert upstream.last.json == {**asked, "model": MODEL}
    assert other.requests == []
    assert (await record_of(sqlite_store, customer))["charged"] == COST


@pytest.mark.parametrize("prompt", ["Once", ["Once"], [1, 2], [[1, 2], [3]]])
async def test_every_form_of_a_prompt_is_passed_on(
    texts: Instance, customer: Customer, upstream: StandIn, prompt: object
) -> None:
    upstream.default = whole(" upon", " a time")
    assert (await ask(texts, customer, prompt=prompt)).status_code == 200
    assert upstream.last.json == {"model": MODEL, "prompt": prompt, "max_tokens": 16}


@pytest.mark.parametrize("wants_usage", [False, True])
async def test_a_stream_of_texts_is_passed_on(
    sqlite_store: Store, texts: Instance, customer: Customer, upstream: StandIn, wants_usage: bool
) -> None:
    upstream.default = streamed(" upon", " a", " time")
    answer = await ask(texts, customer, stream=True, stream_options={"include_usage": wants_usage})
    told = events_of(answer)
    assert "".join(each["choices"][0]["text"] for each in told if each["choices"]) == " upon a time"
    assert [each["usage"] for each in told if "usage" in each] == ([USAGE] if wants_usage else [])
    assert {each["model"] for each in told} == {"test-model"}
    assert upstream.last.json["stream_options"] == {"include_usage": True}
    assert (await record_of(sqlite_store, customer))["charged"] == COST


@pytest.mark.parametrize("stream", [False, True])
async def test_of_a_text_that_nobody_counted_the_repeated_prompt_is_not_charged_as_written(
    sqlite_store: Store, texts: Instance, customer: Customer, upstream: StandIn, stream: bool
) -> None:
    prompt = "one two three four five six seven eight nine ten " * 20
    answers = streamed(prompt, "eleven", usage=None) if stream else whole(f"{prompt}eleven", usage=None)
    upstream.default = answers
    assert (await ask(texts, customer, prompt=prompt, echo=True, stream=stream)).status_code == 200
    record = await record_of(sqlite_store, customer)
    assert record["tokens"]["prompt"] >= 200
    assert 0 < record["tokens"]["completion"] < 10
    assert not record.get("lost")


async def test_a_long_prompt_that_is_repeated_raises_no_doubt_about_the_count(
    sqlite_store: Store, texts: Instance, customer: Customer, upstream: StandIn
) -> None:
    prompt = "one two three four five six seven eight nine ten " * 200
    upstream.default = whole(f"{prompt}eleven", usage={"prompt_tokens": 2001, "completion_tokens": 1})
    assert (await ask(texts, customer, prompt=prompt, echo=True, max_tokens=1)).status_code == 200
    assert not (await record_of(sqlite_store, customer)).get("lost")


async def test_who_completes_chats_helps_out_where_who_completes_texts_fails(
    texts: Instance, customer: Customer, upstream: StandIn, other: StandIn
) -> None:
    upstream.default = status(503)
    other.default = completion("Hello")
    answer = await ask(texts, customer)
    assert (answer.json()["object"], answer.json()["choices"][0]["text"]) == ("text_completion", "Hello")
    assert (answer.headers["x-farebox-upstream"], other.last.path) == ("texts, chats", "/v1/chat/completions")
    assert "x-farebox-dialect" not in answer.headers


async def test_a_chat_is_not_asked_of_who_completes_texts_alone(
    texts: Instance, customer: Customer, upstream: StandIn, other: StandIn
) -> None:
    chat = {"model": "test-model", "messages": [{"role": "user", "content": "Hello"}]}
    assert (await texts.ask(customer.bearer, chat)).headers["x-farebox-upstream"] == "chats"
    assert upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("native", [False, True])
async def test_an_answer_comes_again_by_its_key_in_the_words_it_had(
    texts: Instance, customer: Customer, upstream: StandIn, other: StandIn, stream: bool, native: bool
) -> None:
    upstream.default = (streamed(" upon") if stream else whole(" upon")) if native else status(503)
    headers = {**customer.bearer, "idempotency-key": "k"}
    asked = {**ASKED, "stream": stream}
    first = await texts.client.post("/v1/completions", headers=headers, json=asked)
    again = await texts.client.post("/v1/completions", headers=headers, json=asked)
    assert first.status_code == again.status_code == 200
    assert (again.headers["x-farebox-idempotent-replay"], again.content) == ("true", first.content)
    assert len(upstream.requests) + len(other.requests) == (1 if native else 2)
    other_body = {**asked, "echo": True}
    assert (await texts.client.post("/v1/completions", headers=headers, json=other_body)).status_code == 422
