"""Contents that come as lists of parts, in which some vendors put what a model thought before what it says."""

from typing import Any

import orjson
import pytest

from functions.farebox.gateway.stream.conversion import as_completion
from tests.support.clients.vendor_sdks import anthropic_of, openai_of
from tests.support.money.customers import Customer
from tests.support.openai_schema import check_shape
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import DONE, Reply, StandIn, completion, raw

ANSWER = {"type": "text", "text": "4."}
# A content, what was thought in it and what was said.
CONTENTS: dict[str, tuple[list[Any], str, str]] = {
    "a text": ([ANSWER], "", "4."),
    "texts": ([{"type": "text", "text": "4"}, {"type": "output_text", "text": "."}], "", "4."),
    "bare texts": (["4", "."], "", "4."),
    "Mistral": ([{"type": "thinking", "thinking": [{"type": "text", "text": "2 and 2"}]}, ANSWER], "2 and 2", "4."),
    "Anthropic": ([{"type": "thinking", "thinking": "2 and 2", "signature": "s"}, ANSWER], "2 and 2", "4."),
    "Databricks": (
        [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "2 and 2"}]}, ANSWER],
        "2 and 2",
        "4.",
    ),
    "in pieces": (
        [{"type": "thinking", "thinking": [{"type": "text", "text": piece}]} for piece in ("2 ", "and 2")] + [ANSWER],
        "2 and 2",
        "4.",
    ),
    "what is no part": ([None, 4, {"type": "thinking"}, {"type": "reference", "reference_ids": [1]}, ANSWER], "", "4."),
}


def streamed(content: list[Any], *, last_as_text: bool = True) -> Reply:
    """A stream of a delta for each part, the answer as a text like Mistral's."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": "4." if last_as_text and part is ANSWER else [part]} for part in content]
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {"content": ""}, "finish_reason": "stop"})
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up-model"}
    events = [b"data: " + orjson.dumps({**head, "choices": [choice]}) + b"\n\n" for choice in choices]
    return raw(*events, DONE, headers={"content-type": "text/event-stream"})


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("case", CONTENTS)
async def test_a_message_says_what_a_list_says(
    instance: Instance, customer: Customer, upstream: StandIn, case: str, is_stream: bool
) -> None:
    content, thought, said = CONTENTS[case]
    upstream.default = streamed(content) if is_stream else completion(message={"content": content})
    client = anthropic_of(instance, customer)
    asked: dict[str, Any] = {"model": "test-model", "max_tokens": 64, "messages": [{"role": "user", "content": "2+2"}]}
    asked["thinking"] = {"type": "adaptive"}
    if is_stream:
        async with client.messages.stream(**asked) as events:
            message = await events.get_final_message()
    else:
        message = await client.messages.create(**asked)
    told = [(block.type, getattr(block, block.type)) for block in message.content]
    assert told == [*([("thinking", thought)] if thought else []), ("text", said)]


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("case", CONTENTS)
async def test_a_response_says_what_a_list_says(
    instance: Instance, customer: Customer, upstream: StandIn, case: str, is_stream: bool
) -> None:
    content, thought, said = CONTENTS[case]
    upstream.default = streamed(content) if is_stream else completion(message={"content": content})
    client = openai_of(instance, customer)
    if is_stream:
        async with client.responses.stream(model="test-model", input="2+2") as events:
            deltas = [event.delta async for event in events if event.type == "response.reasoning_text.delta"]
            response: Any = await events.get_final_response()
        assert "".join(deltas) == thought
    else:
        response = await client.responses.create(model="test-model", input="2+2")
    assert response.output_text == said
    told = [(item.type, "".join(part.text for part in item.content)) for item in response.output]
    assert told == [*([("reasoning", thought)] if thought else []), ("message", said)]
    assert len({item.id for item in response.output}) == len(response.output)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_a_response_tells_what_was_thought_under_another_name_too(
    instance: Instance, customer: Customer, upstream: StandIn, name: str
) -> None:
    upstream.default = completion(message={name: "2 and 2"})
    response: Any = await openai_of(instance, customer).responses.create(model="test-model", input="2+2")
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.output[0].content[0].text == "2 and 2"


async def test_the_events_of_a_thought_have_the_published_shape(
    instance: Instance, customer: Customer, upstream: StandIn
) -> None:
    upstream.default = streamed(CONTENTS["Mistral"][0])
    body = {"model": "test-model", "input": "2+2", "stream": True}
    answer = await instance.client.post("/v1/responses", headers=customer.bearer, json=body)
    for block in answer.text.split("\n\n")[:-1]:
        check_shape("ResponseStreamEvent", orjson.loads(block.partition("\ndata: ")[2]))


@pytest.mark.parametrize("case", CONTENTS)
@pytest.mark.parametrize("last_as_text", [False, True], ids=["lists", "mixed"])
async def test_a_stream_that_nobody_asked_for_is_put_together_whole(
    instance: Instance, customer: Customer, upstream: StandIn, case: str, last_as_text: bool
) -> None:
    content, _, said = CONTENTS[case]
    upstream.default = streamed(content, last_as_text=last_as_text)
    response: Any = await openai_of(instance, customer).responses.create(model="test-model", input="2+2")
    assert response.output_text == said


def test_text_before_a_list_is_kept() -> None:
    contents = ("4", [{"type": "text", "text": "."}])
    chunks = [{"choices": [{"index": 0, "delta": {"content": content}}]} for content in contents]
    whole = as_completion(b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks), None)
    parts = whole["choices"][0]["message"]["content"]
    assert [part["text"] for part in parts] == ["4", "."]
