"""A stream reaches its client in its order, whether its server takes a block at once or lets it wait."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import Message

from functions.edge.chat.sending import Sender, body_part
from functions.farebox.data_plane.disconnect import HangUp
from tests.support.patience import PATIENCE_S


class Server:
    """What a server does with messages: it writes them, after so many waits each, until it breaks."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.waits = 0
        self.go_on = asyncio.Event()
        self.breaks = False
        self.was_cancelled = False

    async def send(self, message: Message) -> None:
        try:
            for _ in range(self.waits):
                await self.go_on.wait()
                self.go_on.clear()
        except asyncio.CancelledError:
            self.was_cancelled = True
            await asyncio.sleep(0)  # as one that cleans up
            raise
        if self.breaks:
            raise OSError("the client is gone")
        self.written.append(message["body"])


@pytest.fixture
async def server() -> Server:
    return Server()


def outside_of_tasks(call: Callable[[], bool]) -> asyncio.Future[bool]:
    """As a protocol calls: from the event loop."""
    loop = asyncio.get_running_loop()
    called: asyncio.Future[bool] = loop.create_future()
    loop.call_soon(lambda: called.set_result(call()))
    return called


async def test_a_block_that_its_server_takes_goes_out_without_a_task(server: Server) -> None:
    sender = Sender(server.send, HangUp())
    assert await outside_of_tasks(lambda: sender.at_once(b"a"))
    assert server.written == [b"a"]
    await sender.caught_up()


@pytest.mark.parametrize("waits", [1, 3])
async def test_what_comes_after_a_block_that_has_to_wait_goes_out_after_it(server: Server, waits: int) -> None:
    sender = Sender(server.send, HangUp())
    server.waits = waits
    assert not await outside_of_tasks(lambda: sender.at_once(b"a"))
    server_waits = asyncio.create_task(sender.offer(body_part(b"b")))
    for _ in range(2 * waits):
        assert len(server.written) < 2
        server.go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            while server.go_on.is_set():
                await asyncio.sleep(0)
    await server_waits
    assert server.written == [b"a", b"b"]
    server.waits = 0
    assert await outside_of_tasks(lambda: sender.at_once(b"c"))


@pytest.mark.parametrize("waits", [0, 1])
async def test_a_client_that_no_longer_takes_anything_has_hung_up_and_is_sent_nothing_more(
    server: Server, waits: int
) -> None:
    hang_up = HangUp()
    sender = Sender(server.send, hang_up)
    server.breaks, server.waits = True, waits
    assert await outside_of_tasks(lambda: sender.at_once(b"a")) == (waits == 0)
    server.go_on.set()
    await sender.caught_up()
    assert hang_up.happened
    server.breaks, server.waits = False, 0
    assert await outside_of_tasks(lambda: sender.at_once(b"b"))
    await sender.offer(body_part(b"c"))
    assert server.written == []


async def test_who_is_cancelled_while_a_block_waits_cancels_what_its_server_does_for_it(server: Server) -> None:
    sender = Sender(server.send, HangUp())
    server.waits = 1
    assert not await outside_of_tasks(lambda: sender.at_once(b"a"))
    waiting = asyncio.create_task(sender.caught_up())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert server.was_cancelled


@pytest.mark.parametrize("is_late", [False, True], ids=["while it waits", "before it waits"])
async def test_a_client_that_takes_nothing_does_not_keep_the_books_open_when_the_server_must_go(
    server: Server, is_late: bool
) -> None:
    hang_up = HangUp()
    sender = Sender(server.send, hang_up)
    server.waits = 1
    assert not await outside_of_tasks(lambda: sender.at_once(b"a"))
    waiting = asyncio.create_task(sender.caught_up())
    if not is_late:
        await asyncio.sleep(0)
    hang_up.set(by_server=True)
    async with asyncio.timeout(PATIENCE_S):
        await waiting
        await sender.offer(body_part(b"b"))
    assert server.written == []


async def test_who_takes_what_it_is_sent_hears_that_the_server_must_go(server: Server) -> None:
    hang_up = HangUp()
    sender = Sender(server.send, hang_up)
    hang_up.set(by_server=True)
    await sender.offer(body_part(b"bye"))
    assert server.written == [b"bye"]
