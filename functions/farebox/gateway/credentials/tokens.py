"""Keeps a short-lived token fresh, off the requests' path.

A new one is had when three quarters of the token's life are over, by a timer, and at the latest by the next request,
which goes on with the token that it has: an idle instance gets no CPU, so its timers may be late. Only a request that
finds no token at all waits, for a bounded time: the first one, or the first one after a long rest. Where none can be
had it is tried again after 1 s, then 2, doubling up to a minute, and the token that there is serves to its end.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

REFRESH_AT = 0.75  # of its life
SPARE_S = 5.0  # a token that has less left than this is not sent any more: it must outlive the way there
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LONGEST_FETCH_S = 30.0

log = logging.getLogger("farebox.upstreams")


class NoCredential(Exception):
    """There is none to call with. The message says why, and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is good for `lasts_s` from now."""

    text: str = field(repr=False)
    lasts_s: float


class Timer(Protocol):
    """Something that is to happen later."""

    def cancel(self) -> None:
        """It is not to happen any more."""


def _later(delay_s: float, callback: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(delay_s, callback)


class Tokens:
    """The tokens of one account. `fetch` asks for one, and raises `NoCredential`; `clock` is in monotonic seconds,
    `later` has something called after some. To be used in one event loop."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Token]],
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], Timer] = _later,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._later = later
        self._text: str | None = None
        self._ends_s = self._due_s = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._problem: str | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._timer: Timer | None = None

    def keep(self) -> None:
        """See to it that there is a token soon, and from then on."""
        if self._refreshing is None and (self._timer is None or self._clock() >= self._due_s):
            self._refresh()

    def current(self) -> str | None:
        """The token, if there is one that is still good."""
        self.keep()
        return self._text if self._clock() < self._ends_s - SPARE_S else None

    async def get(self, within_s: float) -> str:
        """The token, waited for where there is none. Raises `NoCredential`: at once, where asking for one has just
        failed and is not due again."""
        text = self.current()
        if text is None and self._refreshing is not None:
            await asyncio.wait([self._refreshing], timeout=within_s)
            text = self.current()
        if text is None:
            raise NoCredential(self._problem or "no token came in time")
        return text

    async def close(self) -> None:
        """No token is needed any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    def _refresh(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._refreshing = asyncio.create_task(self._try())

    async def _try(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_FETCH_S):
                token = await self._fetch()
        except NoCredential as error:
            self._failed(str(error))
        except Exception as error:
            self._failed(f"no token could be had: {type(error).__name__}")
        else:
            self._take(token)
        finally:
            self._refreshing = None

    def _take(self, token: Token) -> None:
        if self._problem is not None:
            log.info("there is a token again")
        self._text, self._problem, self._pause_s = token.text, None, FIRST_PAUSE_S
        self._ends_s = self._clock() + token.lasts_s
        self._wait(max(FIRST_PAUSE_S, min(token.lasts_s * REFRESH_AT, token.lasts_s - 2 * SPARE_S)))

    def _failed(self, problem: str) -> None:
        self._problem = problem
        log.warning("%s; it is tried again in %.0f s", problem, self._pause_s)
        self._wait(self._pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    def _wait(self, pause_s: float) -> None:
        self._due_s = self._clock() + pause_s
        self._timer = self._later(pause_s, self._on_time)

    def _on_time(self) -> None:
        if self._refreshing is None:
            self._refresh()
