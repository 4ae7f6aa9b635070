"""The stand-in upstream keeps its word, for tests rely on it. Read by a client that is not ours."""

import asyncio

import httpx
import pytest

from tests.support.patience import PATIENCE_S
from tests.support.stand_ins.upstream import Break, Pause, Received, StandIn, completion, drop, raw, status, stream

STREAM = {"model": "m", "stream": True}


async def post(upstream: StandIn, body: object) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        return await client.post(f"{upstream.base_url}/chat/completions", json=body, headers={"x-request-id": "r"})


async def test_it_answers_well_without_a_script(upstream: StandIn) -> None:
    assert (await post(upstream, {"model": "m"})).json()["object"] == "chat.completion"
    assert (await post(upstream, STREAM)).text.endswith("data: [DONE]\n\n")


async def test_it_follows_its_script_and_then_the_default(upstream: StandIn) -> None:
    upstream.script(status(503, retry_after="7"), completion("a"))
    upstream.default = lambda received: completion(received.json["model"])
    first, second, third = [await post(upstream, {"model": "m"}) for _ in range(3)]
    assert (first.status_code, first.headers["retry-after"]) == (503, "7")
    assert second.json()["choices"][0]["message"]["content"] == "a"
    assert third.json()["choices"][0]["message"]["content"] == "m"


async def test_it_remembers_what_it_was_asked(upstream: StandIn) -> None:
    await post(upstream, {"model": "m"})
    assert upstream.last.path == "/v1/chat/completions"
    assert upstream.last.headers["X-Request-Id"] == "r"
    assert upstream.last.json == {"model": "m"}
    assert upstream.last.finished
    assert not upstream.last.hung_up


async def test_it_breaks_off_and_does_not_call_that_a_hang_up(upstream: StandIn) -> None:
    upstream.script(stream(5, break_after=2), drop(), raw(b"x", Break(), headers={"content-length": "9"}))
    for _ in range(3):
        with pytest.raises(httpx.TransportError):
            await post(upstream, STREAM)
    assert upstream.requests[0].deltas_sent == 2
    assert not any(received.hung_up or received.finished for received in upstream.requests)


async def test_it_notices_a_client_that_hangs_up_while_it_is_silent(upstream: StandIn) -> None:
    upstream.script(stream(5, stall_after=3), raw(Pause(), headers={}), completion(delay_s=30))
    for times in range(1, 4):
        asked = asyncio.create_task(post(upstream, STREAM))
        await upstream.asked(times)
        await asyncio.sleep(0.05)
        asked.cancel()
        await upstream.last.hang_up()
    assert upstream.requests[0].deltas_sent == 3


async def test_it_notices_a_client_that_hangs_up_while_it_talks(upstream: StandIn) -> None:
    upstream.script(stream(1000, pause_s=0.005))
    async with (
        httpx.AsyncClient(timeout=PATIENCE_S) as client,
        client.stream("POST", upstream.base_url, json=STREAM) as response,
    ):
        async for _ in response.aiter_raw():
            if upstream.last.deltas_sent > 3:
                break
    await upstream.last.hang_up()
    assert upstream.last.deltas_sent < 100


async def test_its_pieces_do_not_change_what_it_says(upstream: StandIn) -> None:
    upstream.script(stream(), stream(split=1))
    whole, pieces = [await post(upstream, STREAM) for _ in range(2)]
    assert whole.content == pieces.content


async def test_a_hang_up_that_does_not_come_is_a_failure() -> None:
    with pytest.raises(TimeoutError):
        await Received("/", {}, b"").hang_up(within_s=0.01)
