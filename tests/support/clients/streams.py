"""Reads streams of completions as a client does, and the cost that an answer states."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import orjson
from httpx_sse import EventSource

from functions.farebox.kit.money import parse_usd


async def events_of(response: httpx.Response) -> AsyncIterator[str]:
    """The data of a stream's events, as they come."""
    async for event in EventSource(response).aiter_sse():
        yield event.data


def events_in(answer: httpx.Response) -> list[str]:
    """The data of the events of a stream that was read to its end."""
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("data: ") for block in blocks)
    return [block.removeprefix("data: ") for block in blocks]


def said_in(event: str) -> str:
    """What a chunk adds to its choices."""
    return "".join(choice["delta"].get("content") or "" for choice in orjson.loads(event)["choices"])


def wanting(*, streamed: bool) -> dict[str, Any]:
    """The fields of a request whose answer says what it cost, streamed or not."""
    return {"stream": True, "stream_options": {"include_usage": True}} if streamed else {}


def told_by(answer: httpx.Response) -> tuple[int, int]:
    """What an answer says that it cost and what is left, in nano-USD."""
    told: Mapping[str, str] = {
        "cost_usd": answer.headers.get("x-farebox-cost-usd", ""),
        "balance_usd": answer.headers.get("x-farebox-balance-usd", ""),
    }
    if answer.headers["content-type"].startswith("text/event-stream"):
        *_, last, done = events_in(answer)
        assert done == "[DONE]"
        told = orjson.loads(last)["farebox"]
    return parse_usd(told["cost_usd"]), parse_usd(told["balance_usd"])
