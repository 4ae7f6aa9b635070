"""A client of an app in this process that may hang up whenever it likes, as servers tell an app of it."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import ASGIApp, Message

GONE = "the client is gone"
LONGEST_S = 1000.0
PIECE_BYTES = 1000

Telling = Literal["deaf", "error", "cancel"]


@dataclass(frozen=True, slots=True)
class Leaving:
    """When a client goes: after so many seconds, or after so many pieces of the answer; and how its server tells.

    `deaf`: what is sent then is swallowed; `error`: it raises; `cancel`: the app's task is cancelled.
    """

    after_s: float | None = None
    after_pieces: int | None = None
    told: Telling = "deaf"


@dataclass(slots=True)
class Answer:
    """What came back. `status` is 0 where nothing did; `left_s` is when the client went, by the loop's clock."""

    status: int = 0
    body: bytes = b""
    left_s: float | None = None
    raised: BaseException | None = None


STAYS = Leaving()


class Exchange:
    """One request and its answer."""

    def __init__(self, body: bytes, leaving: Leaving) -> None:
        self.answer = Answer()
        self._leaving = leaving
        self._pieces = [body[:PIECE_BYTES], body[PIECE_BYTES:]] if len(body) > PIECE_BYTES else [body]
        self._received: list[bytes] = []
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        """The body, and then that the client has gone."""
        if self._pieces and not self._gone.is_set():
            piece = self._pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take the answer."""
        leaving = self._leaving
        if self._gone.is_set():
            if leaving.told == "error":
                raise OSError(GONE)
            return
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
        else:
            self._received.append(message.get("body", b""))
        await asyncio.sleep(0)
        if leaving.after_pieces is not None and len(self._received) >= leaving.after_pieces:
            self._leave()

    async def run(self, app: ASGIApp, scope: dict[str, object]) -> Answer:
        """Have the app answer."""
        loop, answer = asyncio.get_running_loop(), self.answer

        async def work() -> None:
            await app(scope, self.receive, self.send)

        task = self._task = loop.create_task(work())
        after_s = self._leaving.after_s
        timer = None if after_s is None else loop.call_later(after_s, self._leave)
        await asyncio.wait([task], timeout=LONGEST_S)
        if timer is not None:
            timer.cancel()
        if not task.done():
            answer.raised = TimeoutError("it never ended")
            task.cancel()
        elif not task.cancelled():
            answer.raised = task.exception()
        answer.body = b"".join(self._received)
        return answer

    def _leave(self) -> None:
        if self._gone.is_set():
            return
        self._gone.set()
        self.answer.left_s = asyncio.get_running_loop().time()
        if self._leaving.told == "cancel" and self._task is not None:
            self._task.cancel()


def posted(path: str, headers: dict[str, str], length: int) -> dict[str, Any]:
    """The scope of a POST of so many bytes of JSON."""
    sent = {"host": "farebox.test", "content-type": "application/json", "content-length": str(length), **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("farebox.test", 80),
        "state": {},
    }


async def post(app: ASGIApp, path: str, headers: dict[str, str], body: bytes, leaving: Leaving = STAYS) -> Answer:
    """Post a body, in two pieces where it is long."""
    return await Exchange(body, leaving).run(app, posted(path, headers, len(body)))
