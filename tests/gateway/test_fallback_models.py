"""Fallback models: how they are configured, when they are asked, and what a call comes to where they fail too."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.farebox.errors import UpstreamFailed, UpstreamUnavailable
from functions.farebox.gateway.answers import RejectedAnswer, StreamAnswer
from functions.farebox.gateway.call import Alternative, Call
from functions.farebox.gateway.gateway import Gateway
from functions.farebox.gateway.policy.fallbacks import (
    REASONS,
    FallbackReason,
    Fallbacks,
    parse_fallbacks,
    unknown_models,
)
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.stand_ins.upstream import Reply, StandIn, raw, status, stream

HI: dict[str, Any] = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}
CONTEXT = status(400, error={"code": "context_length_exceeded"}, message="too long")
REFUSED = status(400, error={"code": "content_filter"}, message="filtered")
BOTH = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])


def test_a_list_counts_for_every_reason_and_an_object_for_those_it_names() -> None:
    found = parse_fallbacks({"a": ["b", "c"], "b": {"context": ["c"], "refused": ["a"]}})
    assert found == {"a": Fallbacks(*[("b", "c")] * 3), "b": Fallbacks(("c",), ("a",), ())}
    assert found["a"].models() == ["b", "c"]
    assert list(unknown_models(found, {"a": 1, "b": 1})) == ["c", "c"]


@pytest.mark.parametrize(
    "entry",
    [None, "b", [], {"context": []}, {"slow": ["b"]}, ["a"], ["b", "b"], [1], [""], ["x/*"], {"context": "b"}],
)
def test_what_is_no_fallback_is_refused_by_the_name_of_its_model(entry: object) -> None:
    with pytest.raises(ValueError, match=r"^a: "):
        parse_fallbacks({"a": entry})


def call(*others: str, streamed: bool = False, reasons: tuple[FallbackReason, ...] = REASONS) -> Call:
    def named(model: str) -> Call:
        return call_of({**HI, "model": model, **({"stream": True} if streamed else {})})

    asked = named("a")
    alternatives = [Alternative(named(name).checked, 30 + n) for n, name in enumerate(others)]
    return replace(asked, fallbacks=dict.fromkeys(reasons, alternatives))


async def answered(gateway: Gateway, asked: Call) -> Any:
    answer = await gateway.open(asked)
    await answer.aclose()
    return answer


@BOTH
@pytest.mark.parametrize(
    ("reason", "reply"),
    [
        ("context", CONTEXT),
        ("context", status(413, message="the prompt is too long")),
        ("refused", REFUSED),
        ("unavailable", status(500)),
        ("unavailable", status(401)),
        ("unavailable", status(404, message="no such model")),
        ("unavailable", status(429)),
    ],
)
async def test_a_fallback_answers_for_its_reason_in_its_own_name_with_its_own_cap(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn, reason: FallbackReason, reply: Reply, streamed: bool
) -> None:
    upstream.default = reply
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    answer = await answered(gateway, call("b", streamed=streamed, reasons=(reason,)))
    assert (answer.source.public, answer.source.upstream) == ("b", "spare")
    assert [one.upstream for one in answer.source.attempts] == ["up", "spare"]
    assert [one.public for one in answer.source.attempts] == ["a", "b"]
    assert (upstream.last.json["max_tokens"], spare.last.json["max_tokens"]) == (50, 30)
    if not streamed:
        assert answer.payload["model"] == "up-model"
        assert b'"model":"b"' in answer.body.replace(b" ", b"")


@BOTH
@pytest.mark.parametrize(
    ("reply", "reasons"),
    [
        (CONTEXT, ("refused", "unavailable")),
        (REFUSED, ("context", "unavailable")),
        (status(400), ("context", "refused")),
    ],
)
async def test_no_fallback_is_asked_for_another_reason(
    make_gateway: MakeGateway,
    upstream: StandIn,
    spare: StandIn,
    reply: Reply,
    reasons: tuple[FallbackReason, ...],
    streamed: bool,
) -> None:
    upstream.default = reply
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    assert isinstance(await answered(gateway, call("b", streamed=streamed, reasons=reasons)), RejectedAnswer)
    assert not spare.requests


async def test_an_error_of_the_request_has_no_fallback(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    upstream.default = status(400, message="temperature is too high")
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    assert isinstance(await answered(gateway, call("b")), RejectedAnswer)
    assert not spare.requests


async def test_a_shut_model_is_not_asked_and_its_fallback_is(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    upstream.default = status(429, retry_after="30")
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    for _ in range(3):
        assert (await answered(gateway, call("b"))).source.public == "b"
    assert len(upstream.requests) == 1


async def test_where_no_fallback_answers_the_call_comes_to_what_its_own_model_did(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    upstream.script(CONTEXT)
    spare.script(status(500), REFUSED)
    entries = upstream.entry("up", "a"), spare.entry("spare", "b"), spare.entry("spare-2", "c")
    gateway = make_gateway(*entries)
    answer = await answered(gateway, call("b", "c", "gone"))
    assert isinstance(answer, RejectedAnswer)
    assert b"too long" in answer.body
    assert answer.source.asked == ["up", "spare", "spare-2"]
    upstream.script(status(429))
    spare.script(REFUSED, CONTEXT)
    with pytest.raises(UpstreamUnavailable) as failed:
        await make_gateway(*entries).open(call("b", "c"))
    assert [one.upstream for one in failed.value.attempts] == ["up", "spare", "spare-2"]


async def test_nothing_is_asked_after_something_was_paid_for(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    upstream.default = raw(b'{"choices": [', headers={"content-type": "application/json"})
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    with pytest.raises(UpstreamFailed) as failed:
        await gateway.open(call("b"))
    assert failed.value.loss is not None
    assert not spare.requests
    upstream.default = status(500)
    spare.default = raw(b'{"choices": [', headers={"content-type": "application/json"})
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b", "c"))
    with pytest.raises(UpstreamFailed) as failed:
        await gateway.open(call("b", "c"))
    assert failed.value.loss is not None
    assert failed.value.loss.source.public == "b"
    assert len(spare.requests) == 1


async def test_nothing_is_asked_where_nobody_waits(
    make_gateway: MakeGateway, upstream: StandIn, spare: StandIn
) -> None:
    asked = call("b")

    def leaving(_received: object) -> Reply:
        asked.progress.nobody_waits = True
        return status(500)

    upstream.default = leaving
    with pytest.raises(UpstreamFailed):
        await make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b")).open(asked)
    assert not spare.requests


async def test_nor_after_the_first_byte(make_gateway: MakeGateway, upstream: StandIn, spare: StandIn) -> None:
    upstream.default = stream(["half", " an"], break_after=1)
    gateway = make_gateway(upstream.entry("up", "a"), spare.entry("spare", "b"))
    answer = await gateway.open(call("b", streamed=True))
    assert isinstance(answer, StreamAnswer)
    async for _ in answer:
        pass
    await answer.aclose()
    assert answer.source.public == "a"
    assert not spare.requests


async def test_attempts_are_bounded_over_all_models(make_gateway: MakeGateway, upstream: StandIn) -> None:
    upstream.default = status(500)
    models = ("a", "b", "c", "d", "e")
    gateway = make_gateway(*[upstream.entry(f"up-{n}", *models) for n in range(5)])
    with pytest.raises(UpstreamFailed) as failed:
        await gateway.open(call("b", "c", "d", "e"))
    assert [one.public for one in failed.value.attempts] == ["a"] * 3 + ["b"] * 3
    assert len(upstream.requests) == 6
