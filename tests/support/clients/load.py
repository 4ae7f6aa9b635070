"""Clients that put a server under load, and a record of each of their requests."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

MODEL = "test-model"
REFUSED_PAUSE_S = 0.1  # before a client whom a server has refused asks it again


@dataclass
class Answer:
    """What a client saw of one request. `status` 0: the connection broke before there was one."""

    request_id: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False  # the answer came to its end as HTTP means it

    @property
    def json(self) -> Any:
        """The body of an answer that does not stream."""
        return orjson.loads(self.body)

    @property
    def complete(self) -> bool:
        """Whether the client has all that it asked for."""
        ended = self.body.endswith(b"data: [DONE]\n\n") if self.streamed else True
        return self.status == 200 and self.whole and ended

    @property
    def streamed(self) -> bool:
        """Whether it is a stream of events."""
        return self.headers.get("content-type", "").startswith("text/event-stream")


def completion_of(content: str = "Hello", **fields: Any) -> dict[str, Any]:
    """A chat request."""
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **fields}


async def ask(
    client: aiohttp.ClientSession,
    url: str,
    headers: Mapping[str, str],
    request_id: str,
    body: Mapping[str, Any],
) -> Answer:
    """Send one chat request and take whatever comes of it, a broken connection too."""
    answer = Answer(request_id)
    sent = {**headers, "x-request-id": request_id, "content-type": "application/json"}
    try:
        async with client.post(f"{url}/v1/chat/completions", headers=sent, data=orjson.dumps(body)) as response:
            answer.status, answer.headers = response.status, response.headers
            async for chunk in response.content.iter_any():
                answer.body += chunk
            answer.whole = True
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        pass
    return answer


class Crowd:
    """Clients of one customer that ask one thing after the other, until they are told to stop."""

    def __init__(self, client: aiohttp.ClientSession, headers: Mapping[str, str]) -> None:
        self.answers: list[Answer] = []
        self._client = client
        self._headers = headers
        self._asked = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False

    def start(self, url: str, *bodies: Mapping[str, Any], name: str) -> None:
        """One more client for each body, which it sends again and again."""
        self._stopped = False
        for number, body in enumerate(bodies):
            self._tasks.append(asyncio.create_task(self._go_on(url, body, f"{name}-{number}")))

    async def stop(self) -> None:
        """Let every client finish what it has asked, and ask no more."""
        self._stopped = True
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*tasks)

    async def _go_on(self, url: str, body: Mapping[str, Any], name: str) -> None:
        count = 0
        while not self._stopped:
            answer = await ask(self._client, url, self._headers, f"{name}-{count}", body)
            self.answers.append(answer)
            if answer.status == 0:
                return  # the server is gone
            if answer.status != 200:
                await asyncio.sleep(REFUSED_PAUSE_S)
            count += 1
