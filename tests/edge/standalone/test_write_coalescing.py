"""What goes out to a client goes out in as few pieces as the turns of the loop that it was written in."""

import asyncio
import inspect
import re
from collections.abc import Iterable
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http import flow_control, httptools_impl
from uvicorn.server import ServerState

from functions.edge.standalone.write_coalescing import CoalescingProtocol, CoalescingTransport
from tests.support.patience import PATIENCE_S

REQUEST = b"GET / HTTP/1.1\r\nhost: farebox.test\r\n%s\r\n"


class Recording(asyncio.Transport):
    """A transport that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.done.append(list(list_of_data))

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


async def test_what_is_written_in_one_turn_goes_out_together_and_at_its_end() -> None:
    transport = Recording()
    coalescing = CoalescingTransport(transport)
    for piece in (b"headers", b"body"):
        coalescing.write(piece)
    assert transport.done == []
    await asyncio.sleep(0)
    coalescing.write(b"more")
    await asyncio.sleep(0)
    assert transport.done == [[b"headers", b"body"], [b"more"]]


async def test_what_no_task_writes_goes_out_at_once_and_behind_what_was_held() -> None:
    transport = Recording()
    coalescing = CoalescingTransport(transport)
    loop = asyncio.get_running_loop()
    gone_out = loop.create_future()

    def write_event() -> None:
        coalescing.write(b"event")
        gone_out.set_result(list(transport.done))

    loop.call_soon(write_event)
    coalescing.write(b"headers")
    assert await gone_out == [[b"headers", b"event"]]
    await asyncio.sleep(0)
    assert transport.done == [[b"headers", b"event"]]


async def test_closing_loses_nothing() -> None:
    transport = Recording()
    coalescing = CoalescingTransport(transport)
    coalescing.write(b"last words")
    coalescing.close()
    await asyncio.sleep(0)
    assert transport.done == [[b"last words"], "closed"]
    assert coalescing.is_closing()


async def test_who_has_gone_is_written_nothing() -> None:
    transport = Recording()
    coalescing = CoalescingTransport(transport)
    coalescing.write(b"too late")
    transport.close()  # as a transport does by itself when its peer resets the connection
    await asyncio.sleep(0)
    coalescing.close()
    assert transport.done == ["closed", "closed"]


async def hello(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize("connection", [b"", b"connection: close\r\n"], ids=["kept open", "closed"])
async def test_uvicorn_answers_a_request_in_one_write(connection: bytes) -> None:
    config = uvicorn.Config(hello, lifespan="off", log_config=None, server_header=False, date_header=False)
    config.load()
    transport = Recording()
    protocol = CoalescingProtocol(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(REQUEST % connection)
    async with asyncio.timeout(PATIENCE_S):
        while not transport.done:
            await asyncio.sleep(0)
    assert b"".join(transport.done[0]).startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"".join(transport.done[0]).endswith(b"\r\n\r\nhello")
    assert transport.done[1:] == (["closed"] if connection else [])
    protocol.connection_lost(None)


def test_uvicorn_asks_nothing_of_a_transport_that_it_does_not_have_here() -> None:
    """A release that does would meet a `NotImplementedError` in production, or pass the coalescing by."""
    source = inspect.getsource(httptools_impl) + inspect.getsource(flow_control)
    asked = set(re.findall(r"\btransport\.(\w+)", source))
    assert {"write", "close", "is_closing"} <= asked
    assert asked <= vars(CoalescingTransport).keys()
