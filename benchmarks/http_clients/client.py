"""What every client is asked to do, and which there are. Nothing here imports one, so that an import can be timed."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

PATH = "/chat/completions"
MODULES = {
    "Farebox": "benchmarks.http_clients.ours",
    "aiohttp": "benchmarks.http_clients.with_aiohttp",
    "httpcore": "benchmarks.http_clients.with_httpcore",
    "httpx": "benchmarks.http_clients.with_httpx",
}
CONNECT_S, SILENCE_S, IN_ALL_S = 5.0, 60.0, 300.0  # an upstream may hang: nobody calls one without such bounds


@dataclass(frozen=True)
class Asked:
    """The request that is sent over and over. Its headers are those that Farebox sends."""

    base_url: str
    body: bytes = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello!"}],"max_tokens":256}'
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "farebox",
            "authorization": "Bearer sk-a-key-of-the-length-that-providers-give-0123456789",
        }
    )

    @property
    def url(self) -> str:
        """The whole address."""
        return self.base_url + PATH


class Client(Protocol):
    """A client that is ready to send."""

    async def whole(self) -> int:
        """Ask, and read the answer in one; its length."""

    async def piecewise(self) -> int:
        """Ask, and read the answer as it comes; its length."""


Opened = Callable[[Asked], AbstractAsyncContextManager[Client]]  # what each of the modules has, by the name of `opened`
