"""Whole sessions in each dialect, with an upstream that speaks another or the same: loops of tools, calls at once,
thoughts that go back, images. The clients are the vendors' own."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.clients.vendor_sdks import anthropic_of, openai_of
from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance, running
from tests.support.sessions.hearing import Dialect
from tests.support.sessions.product import KINDS, entry_of, model_of, pricing_of
from tests.support.sessions.scenes import THOUGHT
from tests.support.sessions.upstream import ScriptedUpstream
from tests.support.stand_ins.upstream import StandIn

FAMILY = "claude-sonnet-4-5"  # its models think by a budget, where they speak Messages
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
IMAGE = "iVBORw0KGgo="


@pytest.fixture
def session(upstream: StandIn) -> ScriptedUpstream:
    session = ScriptedUpstream(speaks=KINDS)
    upstream.default = session.answer
    return session


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn, session: ScriptedUpstream) -> AsyncIterator[Instance]:
    entries = [entry_of(upstream, kind, (FAMILY,)) for kind in KINDS]
    async with running(
        sqlite_store, pricing=pricing_of((FAMILY,)), FAREBOX_UPSTREAMS=orjson.dumps(entries).decode()
    ) as instance:
        yield instance


class Chats:
    """OpenAI's chat completions."""

    def __init__(self, instance: Instance, customer: Customer) -> None:
        self._client = openai_of(instance, customer)
        self._said: list[Any] = []

    def ask(self, text: str, image: str | None) -> None:
        content: Any = text
        if image is not None:
            content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": image}}]
        self._said.append({"role": "user", "content": content})

    async def hear(self, model: str, *, streamed: bool) -> tuple[str, str, list[str]]:
        """What is said, what was thought, and the calls' ids."""
        function = {"name": "weather", "parameters": SCHEMA}
        asked: Any = {"model": model, "messages": self._said, "reasoning_effort": "low", "max_tokens": 9_000}
        asked["tools"] = [{"type": "function", "function": function}]
        completion: Any
        if streamed:
            async with self._client.chat.completions.stream(**asked) as events:
                completion = await events.get_final_completion()
        else:
            completion = await self._client.chat.completions.create(**asked)
        message = completion.choices[0].message.to_dict()
        self._said.append({name: value for name, value in message.items() if value})
        ids = [call["id"] for call in message.get("tool_calls") or ()]
        return message.get("content") or "", message.get("reasoning_content", ""), ids

    def answer(self, id: str, text: str) -> None:
        self._said.append({"role": "tool", "tool_call_id": id, "content": text})


class Messages:
    """Anthropic's Messages."""

    def __init__(self, instance: Instance, customer: Customer) -> None:
        self._client = anthropic_of(instance, customer)
        self._said: list[Any] = []

    def ask(self, text: str, image: str | None) -> None:
        blocks: list[Any] = [{"type": "text", "text": text}]
        if image is not None:
            kind, _, data = image.removeprefix("data:").partition(";base64,")
            blocks.append({"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}})
        self._said.append({"role": "user", "content": blocks})

    async def hear(self, model: str, *, streamed: bool) -> tuple[str, str, list[str]]:
        asked: Any = {"model": model, "messages": self._said, "max_tokens": 9_000}
        asked["tools"] = [{"name": "weather", "input_schema": SCHEMA}]
        if "reasoning" in model:
            asked["thinking"] = {"type": "enabled", "budget_tokens": 2_000}
        message: Any
        if streamed:
            async with self._client.messages.stream(**asked) as events:
                message = await events.get_final_message()
        else:
            message = await self._client.messages.create(**asked)
        blocks = [block.to_dict() for block in message.content]
        self._said.append({"role": "assistant", "content": blocks})
        texts = ["".join(block.get(kind, "") for block in blocks) for kind in ("text", "thinking")]
        return texts[0], texts[1], [block["id"] for block in blocks if block["type"] == "tool_use"]

    def answer(self, id: str, text: str) -> None:
        result = {"type": "tool_result", "tool_use_id": id, "content": text}
        last = self._said[-1]
        if last["role"] == "user":
            last["content"].append(result)
        else:
            self._said.append({"role": "user", "content": [result]})


class Responses:
    """OpenAI's Responses."""

    def __init__(self, instance: Instance, customer: Customer) -> None:
        self._client = openai_of(instance, customer)
        self._said: list[Any] = []

    def ask(self, text: str, image: str | None) -> None:
        parts: list[Any] = [{"type": "input_text", "text": text}]
        if image is not None:
            parts.append({"type": "input_image", "image_url": image})
        self._said.append({"role": "user", "content": parts})

    async def hear(self, model: str, *, streamed: bool) -> tuple[str, str, list[str]]:
        asked: Any = {"model": model, "input": self._said, "store": False, "max_output_tokens": 9_000}
        asked["reasoning"] = {"effort": "low", "summary": "auto"}
        asked["include"] = ["reasoning.encrypted_content"]
        asked["tools"] = [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}]
        response: Any
        if streamed:
            async with self._client.responses.stream(**asked) as events:
                response = await events.get_final_response()
        else:
            response = await self._client.responses.create(**asked)
        items = [item.to_dict() for item in response.output]
        self._said += [{name: value for name, value in item.items() if value is not None} for item in items]
        thoughts = [part["text"] for item in items for part in (item.get("summary") or item.get("content") or ())
                    if item["type"] == "reasoning"]  # fmt: skip
        return response.output_text, "".join(thoughts), [each["call_id"] for each in items if "call_id" in each]

    def answer(self, id: str, text: str) -> None:
        self._said.append({"type": "function_call_output", "call_id": id, "output": text})


Client = Chats | Messages | Responses


async def play(client: Client, model: str, *, streamed: bool, image: str | None = None) -> tuple[str, list[str]]:
    """A session: tools answer with numbers, in order. Answers what is said at last, and each thought."""
    client.ask("Hello", image)
    thoughts = []
    answered = 0
    for _ in range(6):
        text, thought, calls = await client.hear(model, streamed=streamed)
        thoughts.append(thought)
        if not calls:
            return text, thoughts
        for id in calls:
            client.answer(id, f"result {answered}")
            answered += 1
    raise AssertionError("it has no end")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("speak", [Chats, Messages, Responses])
async def test_a_session_in_any_dialect_with_an_upstream_of_any(
    instance: Instance, customer: Customer, session: ScriptedUpstream, speak: type[Client], kind: Dialect
) -> None:
    for streamed in (False, True):
        played = {
            scene: await play(speak(instance, customer), model_of(FAMILY, scene, kind), streamed=streamed)
            for scene in ("parallel", "loop", "reasoning")
        }
        assert played["parallel"][0] == "They came to result 0 | result 1"
        assert played["loop"][0] == "They came to result 0 | result 1 | result 2"
        assert played["reasoning"] == (played["loop"][0], [THOUGHT] * 4)
        assert session.heard[-1].thoughts == 3, "each thought of the loop went back"
        image = f"data:image/png;base64,{IMAGE}"
        seen = await play(speak(instance, customer), model_of(FAMILY, "image", kind), streamed=streamed, image=image)
        assert seen[0] == "I see image/png"
