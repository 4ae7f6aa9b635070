"""What a server can't send is nobody's answer, and its books are closed all the same; no client decides what a header
holds."""

from typing import Any

import orjson
import pytest

from functions.farebox.storage import Store
from tests.edge.dialects.test_searches_beside_tools import OWN, PATHS, SAID, WEB
from tests.support.money.customers import open_customer
from tests.support.money.wallet_books import books_of, clean_audit
from tests.support.money_fuzz.asgi_client import posted
from tests.support.product.in_process import Instance, running
from tests.support.stand_ins.upstream import StandIn, stream

PRICE = {"input_usd_per_1m": "2.50", "output_usd_per_1m": "10.00"}
WORDS = ["one", " two", " three", " four", " five"]


async def ask_of_a_server_that_fails(instance: Instance, path: str, key: str, body: Any, *, after: int) -> None:
    """Ask over a server that fails to send what comes after so many messages, as one does of a header that is none."""
    raw, sent = orjson.dumps(body), 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(_: Any) -> None:
        nonlocal sent
        sent += 1
        if sent > after:
            raise RuntimeError("Invalid HTTP header value.")

    scope = posted(path, {"authorization": f"Bearer {key}"}, len(raw))
    with pytest.raises(RuntimeError, match="Invalid HTTP"):
        await instance.app(scope, receive, send)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("dialect", PATHS)
async def test_a_stream_that_a_server_cannot_send_is_charged_and_stopped(
    sqlite_store: Store, upstream: StandIn, dialect: str, after: int
) -> None:
    upstream.default = stream(WORDS, pause_s=0.02, stall_after=len(WORDS))
    customer = await open_customer(sqlite_store, "1")
    message = {"input": "Hello"} if dialect == "responses" else {"messages": SAID, "max_tokens": 100}
    body = {"model": "m", "stream": True, **message}
    upstreams = orjson.dumps([upstream.entry("up", "m")]).decode()
    async with running(
        sqlite_store, pricing={"m": PRICE}, FAREBOX_UPSTREAMS=upstreams, FAREBOX_DRAIN_S="1"
    ) as instance:
        await ask_of_a_server_that_fails(instance, PATHS[dialect], customer.key, body, after=after)
        await upstream.last.hang_up()
        [record] = (await books_of(sqlite_store, customer.uid)).records
    assert (record["status"], record["shortfall"]) == ("aborted", 0)
    assert record["charged"] > 0
    await clean_audit(sqlite_store)


@pytest.mark.parametrize("prefix", ["x\r\nset-cookie: a=b\r\ny:", "é:", "\n\nHTTP/1.1 200 OK\n\n:", "a, b:", "\x7f:"])
@pytest.mark.parametrize("dialect", PATHS)
async def test_no_kind_of_tool_gets_into_a_header_that_is_no_name(
    sqlite_store: Store, upstream: StandIn, dialect: str, prefix: str
) -> None:
    customer = await open_customer(sqlite_store, "1")
    message = {"input": "Hello"} if dialect == "responses" else {"messages": SAID, "max_tokens": 100}
    search = {**WEB[dialect], "type": f"{prefix}web_search"}
    body = {"model": "m", **message, "tools": [search, OWN[dialect]]}
    upstreams = orjson.dumps([upstream.entry("up", "m")]).decode()
    async with running(sqlite_store, pricing={"m": PRICE}, FAREBOX_UPSTREAMS=upstreams) as instance:
        answer = await instance.client.post(PATHS[dialect], headers=customer.bearer, json=body)
    assert answer.status_code == 400, answer.text
    assert not upstream.requests
