"""OpenAI's official Python client, unchanged, pointed at the product."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

from tests.conformance.conftest import Place

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello there"}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class City(BaseModel):
    name: str
    inhabitants: int


@pytest.fixture
def client(place: Place) -> Iterator[OpenAI]:
    with OpenAI(base_url=place.base_url, api_key=place.payer.key) as client:
        yield client


@pytest.fixture
async def async_client(place: Place) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=place.base_url, api_key=place.payer.key) as client:
        yield client


def test_a_completion(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="echo", messages=HELLO)
    [choice] = completion.choices
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    assert "You said: Hello there" in (choice.message.content or "")
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens > 0
    assert completion._request_id


def test_what_it_cost_is_in_the_headers(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=HELLO)
    assert float(raw.headers["x-farebox-cost-usd"]) > 0
    assert 0 < float(raw.headers["x-farebox-balance-usd"]) < 1
    assert raw.parse().choices


def test_a_stream_without_usage_has_a_choice_in_every_chunk(client: OpenAI) -> None:
    for options in ({}, {"stream_options": {"include_usage": False}}):
        stream = client.chat.completions.create(model="echo", messages=HELLO, stream=True, **options)
        chunks = list(stream)
        assert all(len(chunk.choices) == 1 and chunk.usage is None for chunk in chunks)
        assert "You said: Hello there" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
        assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_with_usage_ends_in_one_chunk_of_it(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = list(stream)
    assert all(len(chunk.choices) == 1 and chunk.usage is None for chunk in chunks)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens > 0
    assert last.model_extra is not None
    assert float(last.model_extra["farebox"]["cost_usd"]) > 0


def test_a_tool_is_called_and_its_answer_taken(client: OpenAI) -> None:
    asked = client.chat.completions.create(model="echo", messages=HELLO, tools=[WEATHER], tool_choice="required")
    message = asked.choices[0].message
    assert asked.choices[0].finish_reason == "tool_calls"
    assert message.tool_calls is not None
    [call] = message.tool_calls
    assert call.type == "function"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments).keys() == {"city"}
    result: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    history: Any = [*HELLO, message.model_dump(exclude_none=True), result]
    answered = client.chat.completions.create(model="echo", messages=history, tools=[WEATHER])
    assert "The tool answered: rain" in (answered.choices[0].message.content or "")


def test_a_streamed_call_of_a_tool_is_put_together(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="echo", messages=HELLO, tools=[WEATHER], tool_choice="required", stream_options={"include_usage": True}
    ) as stream:
        final = stream.get_final_completion()
    [call] = final.choices[0].message.tool_calls or []
    assert json.loads(call.function.arguments).keys() == {"city"}
    assert final.usage is not None


def test_a_structured_answer_is_parsed(client: OpenAI) -> None:
    parsed = client.chat.completions.parse(model="echo", messages=HELLO, response_format=City)
    assert isinstance(parsed.choices[0].message.parsed, City)


def test_several_choices(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="echo", messages=HELLO, n=3)
    assert [choice.index for choice in completion.choices] == [0, 1, 2]
    texts = ["", ""]
    for chunk in client.chat.completions.create(model="echo", messages=HELLO, n=2, stream=True):
        texts[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert texts == [completion.choices[0].message.content] * 2


def test_embeddings(client: OpenAI) -> None:
    one, two = client.embeddings.create(model="echo-embedding", input=["Hello", "there"], dimensions=8).data
    assert len(one.embedding) == len(two.embedding) == 8
    assert one.embedding != two.embedding
    plain = client.embeddings.create(model="echo-embedding", input="Hello", dimensions=8, encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(one.embedding, abs=1e-6)
    assert plain.usage.total_tokens > 0


def test_models_are_listed_and_looked_up(client: OpenAI) -> None:
    listed = {model.id: model for model in client.models.list()}
    assert listed.keys() == {"echo", "echo-embedding"}
    assert client.models.retrieve("echo") == listed["echo"]
    assert listed["echo"].owned_by


Ask = Callable[[OpenAI], object]


def complete(**fields: Any) -> Ask:
    return lambda client: client.chat.completions.create(**{"model": "echo", "messages": HELLO, **fields})


# Who asks what, and what becomes of it: the exception, its status and code, and a word that its message must have.
REFUSALS: dict[str, tuple[str, Ask, type[openai.APIStatusError], int, str, str]] = {
    "an invalid key": ("nobody", complete(), openai.AuthenticationError, 401, "invalid_api_key", "key"),
    "an unknown model": ("payer", complete(model="gpt-99"), openai.NotFoundError, 404, "model_not_found", "gpt-99"),
    "an unknown model, streamed": (
        "payer", complete(model="gpt-99", stream=True), openai.NotFoundError, 404, "model_not_found", "gpt-99",
    ),
    "an unknown model, looked up": (
        "payer", lambda client: client.models.retrieve("gpt-99"), openai.NotFoundError, 404, "model_not_found", "model",
    ),
    "an unknown model, to embed with": (
        "payer", lambda client: client.embeddings.create(model="gpt-99", input="x"),
        openai.NotFoundError, 404, "model_not_found", "gpt-99",
    ),
    "a model that is not for this key": (
        "embedder", complete(), openai.PermissionDeniedError, 403, "model_not_allowed", "echo",
    ),
    "messages that are none": (
        "payer", complete(messages="Hello"), openai.BadRequestError, 400, "invalid_type", "messages",
    ),
    "a cap below one": ("payer", complete(max_tokens=0), openai.BadRequestError, 400, "invalid_value", "max_tokens"),
    "an empty wallet": ("pauper", complete(), openai.APIStatusError, 402, "credit_balance_exhausted", "top up"),
    "an empty wallet, streamed": (
        "pauper", complete(stream=True), openai.APIStatusError, 402, "credit_balance_exhausted", "top up",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_the_clients_own_exception_and_is_not_tried_again(place: Place, case: str) -> None:
    who, ask, kind, status, code, word = REFUSALS[case]
    sent: list[object] = []
    key = "fb-live-nobody-at-all" if who == "nobody" else getattr(place, who).key
    counting = openai.DefaultHttpxClient(event_hooks={"request": [sent.append]})
    with OpenAI(base_url=place.base_url, api_key=key, http_client=counting) as client:
        assert client.max_retries > 0
        with pytest.raises(kind) as raised:
            ask(client)
    error = raised.value
    assert type(error) is kind
    assert (error.status_code, error.code) == (status, code)
    assert word in error.message.lower()
    assert error.message.endswith(".")
    assert error.request_id
    assert error.request_id == error.response.headers["x-request-id"]
    assert len(sent) == 1


def test_a_full_rate_window_is_the_clients_own_exception_with_when_to_come_back(place: Place) -> None:
    with OpenAI(base_url=place.base_url, api_key=place.hurried.key, max_retries=0) as client:
        raw = client.chat.completions.with_raw_response.create(model="echo", messages=HELLO)
        assert raw.headers["x-ratelimit-limit-requests"] == "1"
        with pytest.raises(openai.RateLimitError) as raised:
            client.chat.completions.create(model="echo", messages=HELLO)
    assert raised.value.code == "rate_limit_exceeded"
    assert 1 <= int(raised.value.response.headers["retry-after"]) <= 60


async def test_the_async_client_completes_streams_embeds_and_lists(async_client: AsyncOpenAI) -> None:
    completion = await async_client.chat.completions.create(model="echo", messages=HELLO)
    said = completion.choices[0].message.content or ""
    assert "You said: Hello there" in said
    stream = await async_client.chat.completions.create(model="echo", messages=HELLO, stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == said
    embedded = await async_client.embeddings.create(model="echo-embedding", input="Hello")
    assert embedded.data[0].embedding
    assert {model.id async for model in async_client.models.list()} == {"echo", "echo-embedding"}


async def test_the_async_client_may_leave_a_stream(async_client: AsyncOpenAI) -> None:
    stream = await async_client.chat.completions.create(model="echo", messages=HELLO, stream=True)
    async for _ in stream:
        break
    await stream.close()
    assert (await async_client.chat.completions.create(model="echo", messages=HELLO)).choices


async def test_the_async_client_raises_its_own_exceptions(place: Place, async_client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await async_client.chat.completions.create(model="gpt-99", messages=HELLO)
    with pytest.raises(openai.AuthenticationError):
        await async_client.with_options(api_key="fb-live-x-y").models.list()
    with pytest.raises(openai.APIStatusError) as raised:
        await async_client.with_options(api_key=place.pauper.key).chat.completions.create(model="echo", messages=HELLO)
    assert raised.value.status_code == 402
