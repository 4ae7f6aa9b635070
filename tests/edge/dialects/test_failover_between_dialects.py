"""Where the first upstream of a model fails, the next is asked in the dialect that it speaks, whichever that is."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.support.money.customers import Customer
from tests.support.money.wallet_books import books_of
from tests.support.product.in_process import Instance, running
from tests.support.sessions.hearing import Dialect
from tests.support.sessions.product import KINDS, entry_of
from tests.support.sessions.scenes import HELLO
from tests.support.sessions.upstream import ScriptedUpstream
from tests.support.stand_ins.anthropic import PRICE
from tests.support.stand_ins.upstream import StandIn, status

SAID = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": SAID, "stream_options": {"include_usage": True}},
    "/v1/messages": {"messages": SAID, "max_tokens": 99},
    "/v1/responses": {"input": SAID},
}
ENDS = {"/v1/chat/completions": "data: [DONE]", "/v1/messages": "message_stop", "/v1/responses": "response.completed"}


def model(first: Dialect, second: Dialect) -> str:
    return f"{first}-then-{second}"


PAIRS = [(first, second) for first in KINDS for second in KINDS if first != second]


@pytest.fixture
async def ill() -> AsyncIterator[StandIn]:
    async with StandIn() as ill:
        ill.default = status(503)
        yield ill


@pytest.fixture
async def instance(sqlite_store: Store, upstream: StandIn, ill: StandIn) -> AsyncIterator[Instance]:
    """Each model has an upstream that fails and one that answers, of two dialects."""
    session = ScriptedUpstream(speaks=KINDS)
    upstream.default = session.answer
    upstreams = []
    for kind in KINDS:
        firsts = {model(*pair): model(*pair) for pair in PAIRS if pair[0] == kind}
        seconds = {model(*pair): model(*pair) for pair in PAIRS if pair[1] == kind}
        upstreams.append({**entry_of(ill, kind, ()), "id": f"ill-{kind}", "models": firsts})
        upstreams.append({**entry_of(upstream, kind, ()), "id": f"well-{kind}", "models": seconds, "priority": 1})
    pricing = {model(*pair): PRICE for pair in PAIRS}
    async with running(sqlite_store, pricing=pricing, FAREBOX_UPSTREAMS=orjson.dumps(upstreams).decode()) as instance:
        yield instance


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("path", ASKED)
async def test_it_is_asked_in_its_own_words(
    sqlite_store: Store,
    instance: Instance,
    customer: Customer,
    upstream: StandIn,
    path: str,
    streamed: bool,
) -> None:
    for first, second in PAIRS:
        body = {**ASKED[path], "model": model(first, second), "stream": streamed}
        if not streamed:
            body.pop("stream_options", None)
        answer = await instance.client.post(path, headers=customer.bearer, json=body)
        assert answer.status_code == 200, answer.text
        assert HELLO in _text(answer.text) and (not streamed or ENDS[path] in answer.text)
        assert answer.headers["x-farebox-upstream"] == f"ill-{first}, well-{second}"
        assert answer.headers.get("x-farebox-dialect") == (
            second if path.endswith(second) and second != "chat" else None
        )
    assert [asked.path for asked in upstream.requests] == [_path(second) for _, second in PAIRS]
    records = (await books_of(sqlite_store, customer.uid)).records
    assert len(records) == len(PAIRS)
    assert {(record["status"], record["usage_source"]) for record in records} == {("ok", "provider")}


def _path(kind: Dialect) -> str:
    return "/v1/chat/completions" if kind == "chat" else f"/v1/{kind}"


def _text(answer: str) -> str:
    """The texts of an answer, in whatever pieces they come."""
    pieces = [line.removeprefix("data: ") for line in answer.splitlines() if line.startswith("data: {")] or [answer]
    return "".join(_texts(orjson.loads(piece)) for piece in pieces)


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(
            each if name in ("content", "text", "delta") and isinstance(each, str) else _texts(each)
            for name, each in value.items()
        )
    return "".join(map(_texts, value)) if isinstance(value, list) else ""
