"""A large answer goes out as its client takes it, so that what nobody takes does not pile up here."""

import asyncio

import pytest
from starlette.types import Message

from functions.edge.chat import large_bodies
from functions.edge.chat.large_bodies import PIECE_BYTES
from functions.edge.chat.response import send_again
from functions.farebox.data_plane.idempotency import Kept

LARGE = Kept({}, bytes(range(256)) * (10 * PIECE_BYTES // 256) + b"the end", stream=False)


class Client:
    """Takes so many messages, and then none until it goes on."""

    def __init__(self, takes: int) -> None:
        self.sent: list[Message] = []
        self.goes_on = asyncio.Event()
        self._takes = takes

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) > self._takes:
            await self.goes_on.wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def has_ended(self) -> bool:
        return not self.sent[-1].get("more_body", False)


async def test_it_waits_for_its_client_piece_by_piece() -> None:
    client = Client(takes=3)
    sending = asyncio.create_task(send_again(client.send, LARGE))
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(client.body) == 3 * PIECE_BYTES
    assert not sending.done()
    client.goes_on.set()
    await sending
    assert client.body == LARGE.body
    assert client.has_ended


async def test_who_takes_it_too_slowly_is_left_without_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_bodies, "PAUSE_S", 0.01)
    monkeypatch.setattr(large_bodies, "LEAST_TAKEN_BYTES_PER_S", 10**12)
    client = Client(takes=3)
    await send_again(client.send, LARGE)
    assert not client.has_ended


async def test_a_small_one_is_one_message() -> None:
    client = Client(takes=100)
    await send_again(client.send, Kept({}, b"x" * PIECE_BYTES, stream=False))
    assert [message["type"] for message in client.sent] == ["http.response.start", "http.response.body"]
    assert client.has_ended
