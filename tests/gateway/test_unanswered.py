"""What was sent and never answered is told as what its vendor may charge for, also where somebody else answered."""

import asyncio
import socket
from typing import Any

import pytest

from functions.farebox.errors import UpstreamFailed
from functions.farebox.gateway.call import Call
from tests.support.calls import call_of
from tests.support.fixtures.gateways import MakeGateway
from tests.support.processes import free_port
from tests.support.stand_ins.upstream import Reply, StandIn, completion, drop, json_reply, raw, status

BODY: dict[str, Any] = {"model": "test-model", "messages": [{"role": "user", "content": "Hi"}]}
PLAIN, STREAM = call_of(BODY), call_of({**BODY, "stream": True})
BOTH = pytest.mark.parametrize("call", [PLAIN, STREAM], ids=["plain", "stream"])
JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
EVENTS = {"content-type": "text/event-stream"}

EITHER: dict[str, tuple[Reply, bool]] = {  # what came, and whether it may be on a bill
    "silence": (completion(delay_s=30), True),
    "a break": (drop(), True),
    **{str(each): (status(each), True) for each in (408, 500, 502, 504)},
    **{str(each): (status(each), False) for each in (401, 402, 403, 429, 503, 529)},
    "a page of HTML": (raw(b"<html>Welcome</html>", headers=HTML), True),
    "nothing": (raw(headers=JSON), True),
    "nothing, in JSON's word": (raw(b"null\n", headers=JSON), True),
    "an error": (json_reply({"error": {"message": "It failed."}}), True),
    "an error that turns away": (json_reply({"error": {"message": "Full.", "code": 529}}), False),
    "what is no answer": (json_reply({}), True),
}
STREAMED: dict[str, tuple[Reply, bool]] = {
    "an empty stream": (raw(headers=EVENTS), True),
    "an error first": (raw(b'data: {"error":{"message":"It failed."}}\n\n', headers=EVENTS), True),
    "a limit first": (raw(b'data: {"error":{"type":"rate_limit_error"}}\n\n', headers=EVENTS), False),
}


async def asked_again(upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, call: Call, reply: Reply) -> bool:
    upstream.script(reply)
    gateway = make_gateway(upstream.entry("a", timeout_s=0.8), spare.entry("b", priority=1))
    answer = await gateway.open(call)
    failed, answered = answer.source.attempts
    await answer.aclose()
    assert (failed.upstream, answered.upstream) == ("a", "b")
    assert not answered.may_be_billed
    assert failed.price == answered.price == "test-model"
    return bool(failed.may_be_billed)


@BOTH
@pytest.mark.parametrize(("reply", "may_be_billed"), EITHER.values(), ids=EITHER.keys())
async def test_what_came_to_nothing_says_whether_it_may_be_on_a_bill(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, call: Call, reply: Reply, may_be_billed: bool
) -> None:
    assert await asked_again(upstream, spare, make_gateway, call, reply) == may_be_billed


@pytest.mark.parametrize(("reply", "may_be_billed"), STREAMED.values(), ids=STREAMED.keys())
async def test_what_came_in_place_of_a_stream_says_it_too(
    upstream: StandIn, spare: StandIn, make_gateway: MakeGateway, reply: Reply, may_be_billed: bool
) -> None:
    assert await asked_again(upstream, spare, make_gateway, STREAM, reply) == may_be_billed


async def test_each_of_several_attempts_says_it_for_itself(upstream: StandIn, make_gateway: MakeGateway) -> None:
    upstream.script(status(500), status(429), status(502))
    gateway = make_gateway(*(upstream.entry(name, priority=n) for n, name in enumerate("abc")))
    with pytest.raises(UpstreamFailed) as caught:
        await gateway.open(PLAIN)
    assert [made.may_be_billed for made in caught.value.attempts] == [True, False, True]


async def test_what_reached_nobody_is_on_no_bill(make_gateway: MakeGateway, upstream: StandIn) -> None:
    entry = {**upstream.entry(), "base_url": f"http://127.0.0.1:{free_port()}/v1"}
    with pytest.raises(UpstreamFailed) as caught:
        await make_gateway(entry).open(PLAIN)
    assert [made.may_be_billed for made in caught.value.attempts] == [False]


async def test_a_request_that_was_not_written_to_its_end_is_on_no_bill(
    upstream: StandIn, make_gateway: MakeGateway
) -> None:
    """A server that accepts, and reads nothing."""
    large = call_of({**BODY, "messages": [{"role": "user", "content": "x" * 24_000_000}]})
    with socket.create_server(("127.0.0.1", 0), backlog=1) as server:
        base_url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        gateway = make_gateway({**upstream.entry(timeout_s=0.8), "base_url": base_url})
        for call, may_be_billed in ((large, False), (PLAIN, True)):
            async with asyncio.timeout(20):
                with pytest.raises(UpstreamFailed) as caught:
                    await gateway.open(call)
            made = caught.value.attempts[0]
            assert (made.outcome, made.may_be_billed) == ("timeout", may_be_billed)
            gateway._health.succeeded(made.upstream, made.model, STREAM.user)
