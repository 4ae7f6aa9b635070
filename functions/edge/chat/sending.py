"""Sending to a client over ASGI: a message at a time, or a block at once, in the turn of the event loop it came in.

Most of a stream is events that follow each other at a distance, and each would wake the task that relays it, only for
that to hand it to a server that takes it without a wait. A coroutine runs as far as its first wait when it is sent
`None` (PEP 492), so a server's `send` can be called without any task, and what is left of one that does wait is awaited
by the task later.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Send

from functions.farebox.data_plane.disconnect import HangUp, HungUp


class Sender:
    """Sends to one client. One that no longer takes anything has hung up, and is sent nothing more; nor is one that
    has not taken what it was sent when the server must go, since its books are to be closed before."""

    def __init__(self, send: Send, hang_up: HangUp) -> None:
        self._send = send
        self._hang_up = hang_up
        self._unsent: Generator[Any, None, None] | None = None
        self._is_given_up = False

    async def offer(self, message: Message) -> None:
        """Send a message, once what went before it is taken."""
        await self.caught_up()
        if not self._begin(message):
            await self.caught_up()

    def at_once(self, block: bytes) -> bool:
        """Send a part of the body from outside of any task; whether the next may follow so. If not, the client is
        slower than what comes: wait until it has `caught_up`."""
        assert self._unsent is None, "one block at a time"
        return self._begin(body_part(block))

    async def caught_up(self) -> None:
        """Wait until the client's server has taken all that it was sent."""
        unsent, self._unsent = self._unsent, None
        if unsent is not None:
            try:
                await self._hang_up.guard(lambda: _Work(unsent))
            except OSError:
                self._hang_up.set()
            except HungUp:
                self._is_given_up = True

    def _begin(self, message: Message) -> bool:
        """Send a message as far as it goes without a wait; whether that is all of it."""
        if self._is_given_up or (self._hang_up.happened and not self._hang_up.by_server):
            return True
        sending = self._send(message).__await__()
        try:
            waits_for = next(sending)
        except StopIteration:
            return True
        except OSError:
            self._hang_up.set()
            return True
        self._unsent = _rest_of(sending, waits_for)
        return False


def body_part(block: bytes) -> Message:
    """The message of a part of a body that more follows."""
    return {"type": "http.response.body", "body": block, "more_body": True}


@dataclass(frozen=True, slots=True)
class _Work:
    steps: Generator[Any, None, None]

    def __await__(self) -> Generator[Any, None, None]:
        return self.steps


def _rest_of(work: Generator[Any, None, None], waits_for: Any) -> Generator[Any, None, None]:
    """What is left of work that waits for a future."""
    while True:
        try:
            yield waits_for
        except BaseException as error:  # the task is cancelled, for one
            try:
                waits_for = work.throw(error)
            except StopIteration:
                return
        else:
            yield from work
            return
