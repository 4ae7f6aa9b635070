"""The head of each kind of answer, header by header and in their order, and how its body begins and ends: the same in
every dialect, but for the dialect's own words."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.money.customers import Customer
from tests.support.product.in_process import Instance
from tests.support.stand_ins.upstream import StandIn, raw, status, stream

Headers = list[tuple[str, str]]

PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
MESSAGES = [{"role": "user", "content": "Hello"}]
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"model": "test-model", "messages": MESSAGES},
    "messages": {"model": "test-model", "messages": MESSAGES, "max_tokens": 64},
    "responses": {"model": "test-model", "input": "Hello"},
}
EVENTS: Headers = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    ("x-accel-buffering", "no"),
]
SAFE: Headers = [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")]
UPSTREAM: Headers = [("x-farebox-upstream", "stand-in")]
REPLAYED: Headers = [("x-farebox-idempotent-replay", "true")]
BROKEN = "The model's server broke off in the middle of its answer. Try again."


@dataclass
class Speaker:
    """A customer who speaks one dialect."""

    instance: Instance
    customer: Customer
    dialect: str

    async def ask(self, *, streamed: bool = False, **headers: str) -> httpx.Response:
        body = {**BODIES[self.dialect], "stream": streamed}
        own = {
            **self.customer.bearer,
            "x-request-id": "r1",
            **{name.replace("_", "-"): headers[name] for name in headers},
        }
        return await self.instance.client.post(PATHS[self.dialect], headers=own, json=body)

    def own_id(self) -> Headers:
        return [("request-id", "r1")] if self.dialect == "messages" else []

    def plain(self, answer: httpx.Response, first: Headers) -> Headers:
        """The head of a whole answer that begins like that."""
        content = [("content-type", "application/json"), ("content-length", str(len(answer.content)))]
        private = [("cache-control", "no-store"), ("x-frame-options", "DENY"), ("x-request-id", "r1")]
        return [*first, *content, *self.own_id(), *SAFE, *private]

    def streamed(self, first: Headers) -> Headers:
        """The head of a stream that begins like that."""
        return [*first, *self.own_id(), *SAFE, ("x-frame-options", "DENY"), ("x-request-id", "r1")]


@pytest.fixture(params=list(PATHS))
def speaker(request: pytest.FixtureRequest, instance: Instance, customer: Customer) -> Speaker:
    return Speaker(instance, customer, request.param)


def head(answer: httpx.Response) -> Headers:
    """Its headers, but for the one that names its receipt, which is another each time."""
    headers = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
    [receipt] = [header for header in headers if header[0] == "x-farebox-receipt"]
    assert re.fullmatch("use_[A-Za-z0-9]+", receipt[1])
    headers.remove(receipt)
    return headers


def charged(cost_usd: str, balance_usd: str) -> Headers:
    return [("x-farebox-cost-usd", cost_usd), ("x-farebox-balance-usd", balance_usd)]


async def test_a_whole_answer(speaker: Speaker) -> None:
    answer = await speaker.ask()
    assert answer.status_code == 200
    assert head(answer) == speaker.plain(answer, [*UPSTREAM, *charged("0.0001375", "0.9998625")])


async def test_half_of_an_emoji_that_a_limit_cut_in_two_is_no_fault_of_ours(
    speaker: Speaker, upstream: StandIn
) -> None:
    upstream.default = raw(
        b'{"choices": [{"index": 0, "finish_reason": "length", '
        b'"message": {"role": "assistant", "content": "cut \\ud83d"}}]}',
        headers={"content-type": "application/json"},
    )
    answer = await speaker.ask()
    assert answer.status_code == 200
    assert "cut" in answer.text


async def test_a_refusal_of_the_upstreams(speaker: Speaker, upstream: StandIn) -> None:
    upstream.default = status(422, message="No.", error={"type": "invalid_request_error"})
    answer = await speaker.ask()
    assert answer.status_code == 422
    assert head(answer) == speaker.plain(answer, [*UPSTREAM, *charged("0.00", "1.00")])
    assert (
        answer.json()
        == {
            "chat": {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}},
            "responses": {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}},
            "messages": {"type": "error", "error": {"type": "invalid_request_error", "message": "No.", "code": None}},
        }[speaker.dialect]
    )


async def test_a_stream(speaker: Speaker) -> None:
    answer = await speaker.ask(streamed=True)
    assert answer.status_code == 200
    assert head(answer) == speaker.streamed([*EVENTS, *UPSTREAM])
    assert answer.text.startswith("event: " if speaker.dialect != "chat" else "data: ")
    assert answer.text.endswith("data: [DONE]\n\n") is (speaker.dialect == "chat")


async def test_a_broken_stream(speaker: Speaker, upstream: StandIn) -> None:
    upstream.default = stream(break_after=2)
    answer = await speaker.ask(streamed=True)
    assert head(answer) == speaker.streamed([*EVENTS, *UPSTREAM])
    last = answer.text.removesuffix("\n\n").rpartition("\n\n")[2]
    if speaker.dialect == "responses":
        assert last.startswith("event: response.failed\n")
        assert f'"error":{{"code":"server_error","message":"{BROKEN}"}}' in last
    elif speaker.dialect == "messages":
        assert last == f'event: error\ndata: {{"type":"error","error":{{"type":"api_error","message":"{BROKEN}"}}}}'
    else:
        error = f'{{"message":"{BROKEN}","type":"upstream_error","param":null,"code":"upstream_error"}}'
        assert last == f'data: {{"error":{error}}}'


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_a_replay(speaker: Speaker, upstream: StandIn, streamed: bool) -> None:
    first, again = [await speaker.ask(streamed=streamed, idempotency_key="once") for _ in range(2)]
    assert again.content == first.content
    assert len(upstream.requests) == 1
    if streamed:
        assert head(again) == speaker.streamed([*UPSTREAM, *REPLAYED, *EVENTS])
    else:
        kept = sorted([*UPSTREAM, *charged("0.0001375", "0.9998625")])  # the store has its own order
        expected = speaker.plain(again, [*kept, *REPLAYED])
        assert sorted(head(again)[:3]) == kept
        assert head(again)[3:] == expected[3:]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_an_answer_of_the_cache(speaker: Speaker, upstream: StandIn, streamed: bool) -> None:
    first, again = [await speaker.ask(streamed=streamed, x_farebox_cache="on") for _ in range(2)]
    assert len(upstream.requests) == 1
    hit = [("x-farebox-upstream", "cache"), ("x-farebox-cache", "hit")]
    if streamed:
        assert head(first) == speaker.streamed([*EVENTS, *UPSTREAM, ("x-farebox-cache", "miss")])
        assert head(again) == speaker.streamed([*EVENTS, *hit])
    else:
        assert again.content == first.content
        assert head(again) == speaker.plain(again, [*hit, *charged("0.00001375", "0.99984875")])
